import { z } from 'zod';
import { kafkaSettings } from '#env';

const password = z.string().regex(/^[\x21-\x7e]{12,}$/, 'must be at least 12 printable characters');

/** Settings of the job that prepares a cluster for a release. */
export const settingsSchema = z.object({
  ...kafkaSettings,
  /** Copies of each partition: 3 in production (with min.insync.replicas=2 on the brokers), 1 on a single broker. */
  TOPIC_REPLICATION: z.coerce.number().int().min(1).max(9).default(3),
  /** A superuser's address of the database that the services share; used by the job alone. */
  ADMIN_DATABASE_URL: z.string(),
  /** What each service's role signs in with; the same as in that service's DATABASE_URL. */
  WEB_FORM_DATABASE_PASSWORD: password,
  EMAIL_DATABASE_PASSWORD: password,
  SOCIAL_DATABASE_PASSWORD: password,
  PHONE_DATABASE_PASSWORD: password,
  TICKETING_DATABASE_PASSWORD: password,
  REPORTING_DATABASE_PASSWORD: password,
});
