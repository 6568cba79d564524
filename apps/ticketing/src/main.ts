import 'reflect-metadata';
import { assertRoutesDeclareAccess } from '#auth';
import { loadSettings } from '#env';
import { LOGGER, runService } from '#http';
import { BatchConsumer, Publisher } from '#kafka';
import { createLogger, Health, type Logger } from '#observability';
import { classifyDatabaseError } from '#postgres';
import { AppModule, appName, schema } from './app.module.js';
import { settingsSchema } from './env.js';
import { migrateWhenReachable } from './store/migrate.js';

const settings = loadSettings(settingsSchema);
const migrated = settings.MIGRATE
  ? migrateWhenReachable(settings.DATABASE_URL, schema, createLogger(appName, settings.LOG_LEVEL))
  : Promise.resolve();
await runService({
  name: appName,
  settings,
  module: AppModule.forRoot(settings),
  configure: async (app) => assertRoutesDeclareAccess(app),
  consumers: (app) => [
    new BatchConsumer({
      app: appName,
      brokers: settings.KAFKA_BROKERS,
      publisher: app.get(Publisher),
      health: app.get(Health),
      logger: app.get<Logger>(LOGGER),
      classify: classifyDatabaseError,
    }),
  ],
});
await migrated;
