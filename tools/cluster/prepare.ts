// The job before a release: topics, then one role and schema per service, then their migrations. Repeating it changes nothing.
import { apps, topicDefinitions } from '#contracts';
import { loadSettings } from '#env';
import { ensureTopics } from '#kafka';
import { createLogger } from '#observability';
import { provisionService, runMigrations } from '#postgres';
import { migrations as email } from '../../apps/email-intake/src/store/migrations.js';
import { migrations as phone } from '../../apps/phone-intake/src/store/migrations.js';
import { migrations as reporting } from '../../apps/reporting/src/store/migrations/migrations.js';
import { migrations as social } from '../../apps/social-intake/src/store/migrations/migrations.js';
import { migrations as ticketing } from '../../apps/ticketing/src/store/migrations/migrations.js';
import { migrations as webForm } from '../../apps/web-form-intake/src/store/migrations/migrations.js';
import { settingsSchema } from './env.js';

const settings = loadSettings(settingsSchema);
const logger = createLogger('prepare', 'info');

const created = await ensureTopics(
  { brokers: settings.KAFKA_BROKERS, clientId: 'prepare', logger },
  topicDefinitions(apps),
  { replication: settings.TOPIC_REPLICATION },
);
logger.info({ created }, 'topics are there');

const schemas = [
  { schema: 'web_form', migrations: webForm, password: settings.WEB_FORM_DATABASE_PASSWORD },
  { schema: 'email', migrations: email, password: settings.EMAIL_DATABASE_PASSWORD },
  { schema: 'social', migrations: social, password: settings.SOCIAL_DATABASE_PASSWORD },
  { schema: 'phone', migrations: phone, password: settings.PHONE_DATABASE_PASSWORD },
  { schema: 'ticketing', migrations: ticketing, password: settings.TICKETING_DATABASE_PASSWORD },
  { schema: 'reporting', migrations: reporting, password: settings.REPORTING_DATABASE_PASSWORD },
];
for (const { schema, migrations, password } of schemas) {
  const url = await provisionService({ adminUrl: settings.ADMIN_DATABASE_URL, schema, role: schema, password });
  const done = await runMigrations({ url, schema, migrations, logger });
  logger.info({ schema, migrations: done }, 'schema is up to date');
}
