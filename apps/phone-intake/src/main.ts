import 'reflect-metadata';

import { runService } from '#http';
import { loadChannelAccounts, loadSettings } from '#env';
import { createLogger } from '#observability';
import { migrateAtStart } from '#postgres';
import { AppModule } from './app.module.js';
import { configure, consumersOf } from './configure.js';
import { appName, schema, settingsSchema } from './env.js';
import { phoneAccountsOf } from './source/accounts.js';
import { migrations } from './store/migrations.js';

const settings = loadSettings(settingsSchema);
const accounts = phoneAccountsOf(await loadChannelAccounts(settings.CHANNELS_FILE));
if (settings.MIGRATE) {
  const logger = createLogger(appName, settings.LOG_LEVEL);
  await migrateAtStart({ url: settings.DATABASE_URL, schema, migrations, logger });
}
await runService({
  name: appName,
  settings,
  module: AppModule.forRoot(settings, accounts),
  configure,
  consumers: consumersOf(settings),
});
