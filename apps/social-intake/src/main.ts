import 'reflect-metadata';
import { loadChannelAccounts, loadSettings } from '#env';
import { runService } from '#http';
import { createLogger } from '#observability';
import { migrateAtStart } from '#postgres';
import { AppModule, appName } from './app.module.js';
import { settingsSchema } from './env.js';
import { bodyLimit, configure, consumers } from './configure.js';
import { migrations } from './store/migrations/migrations.js';

const settings = loadSettings(settingsSchema);
const accounts = await loadChannelAccounts(settings.CHANNELS_FILE);
if (settings.MIGRATE) {
  const logger = createLogger(appName, settings.LOG_LEVEL);
  await migrateAtStart({ url: settings.DATABASE_URL, schema: 'social', migrations, logger });
}
await runService({
  name: appName,
  settings,
  module: AppModule.forRoot(settings, accounts),
  configure,
  consumers,
  bodyLimit,
});
