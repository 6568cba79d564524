import 'reflect-metadata';
import { assertRoutesDeclareAccess } from '#auth';
import { topics } from '#contracts';
import { runService } from '#http';
import { loadChannelAccounts, loadSettings } from '#env';
import { intakeConsumer } from '#intake';
import { createLogger } from '#observability';
import { migrateAtStart } from '#postgres';
import { AppModule } from './app.module.js';
import { appName, schema, settingsSchema } from './env.js';
import { mailboxesOf } from './source/accounts.js';
import { migrations } from './store/migrations.js';

const settings = loadSettings(settingsSchema);
const accounts = mailboxesOf(await loadChannelAccounts(settings.CHANNELS_FILE));
if (settings.MIGRATE) {
  const logger = createLogger(appName, settings.LOG_LEVEL);
  await migrateAtStart({ url: settings.DATABASE_URL, schema, migrations, logger });
}
await runService({
  name: appName,
  settings,
  module: AppModule.forRoot(settings, accounts),
  configure: async (app) => assertRoutesDeclareAccess(app),
  consumers: (app) => [
    intakeConsumer(app, {
      app: appName,
      brokers: settings.KAFKA_BROKERS,
      topics: [topics.replyRequested('email'), topics.intakeReplay(appName)],
    }),
  ],
});
