import 'reflect-metadata';
import { loadSettings } from '#env';
import { LOGGER, runService } from '#http';
import { BatchConsumer, LedgerWriter, Publisher } from '#kafka';
import { createLogger, Health, type Logger } from '#observability';
import { classifyDatabaseError, migrateAtStart } from '#postgres';
import { AppModule, appName, schema } from './app.module.js';
import { configure } from './configure.js';
import { settingsSchema } from './env.js';
import { migrations } from './store/migrations/migrations.js';

const settings = loadSettings(settingsSchema);
if (settings.MIGRATE) {
  const logger = createLogger(appName, settings.LOG_LEVEL);
  await migrateAtStart({ url: settings.DATABASE_URL, schema, migrations, logger });
}
await runService({
  name: appName,
  settings,
  module: AppModule.forRoot(settings),
  configure,
  consumers: (app) => [
    new BatchConsumer({
      app: appName,
      brokers: settings.KAFKA_BROKERS,
      publisher: app.get(Publisher),
      health: app.get(Health),
      logger: app.get<Logger>(LOGGER),
      classify: classifyDatabaseError,
      ledger: app.get(LedgerWriter),
    }),
  ],
});
