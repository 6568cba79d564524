import 'reflect-metadata';
import { loadSettings } from '#env';
import { runService } from '#http';
import { createLogger } from '#observability';
import { migrateAtStart } from '#postgres';
import { settingsSchema } from './env.js';
import { reportingService } from './service-options.js';
import { migrations } from './store/migrations/migrations.js';

const settings = loadSettings(settingsSchema);
if (settings.MIGRATE) {
  const logger = createLogger('reporting', settings.LOG_LEVEL);
  await migrateAtStart({ url: settings.DATABASE_URL, schema: 'reporting', migrations, logger });
}
await runService(reportingService(settings));
