// `npm run reports:rebuild [-- --compare]`: counts the log anew beside the live tables, compares, swaps.
// Works on what DATABASE_URL and KAFKA_BROKERS name, else on the platform that runs on PHANHOI_HOME.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { databaseSettings, kafkaSettings, loadSettings } from '#env';
import { createLogger } from '#observability';
import { closeDataSource, createDataSource, Database } from '#postgres';
import { z } from 'zod';
import { settingsSchema } from '../../apps/reporting/src/env.js';
import { Home } from '../platform/home.js';
import { PlatformError, runMain } from '../platform/platform-error.js';
import { readStack } from '../platform/stack.js';
import { rebuildReports } from './rebuild.js';

const rebuildSettings = z.object({
  DATABASE_URL: databaseSettings.DATABASE_URL,
  ...kafkaSettings,
  REPORT_ZONES: settingsSchema.shape.REPORT_ZONES,
});
const secrets = z.object({ databasePasswords: z.object({ reporting: z.string() }) });

await runMain(async () => {
  const settings = loadSettings(rebuildSettings, { ...(await runningPlatform()), ...process.env });
  const logger = createLogger('reports-rebuild', 'warn');
  const dataSource = await createDataSource({
    url: settings.DATABASE_URL,
    schema: 'reporting',
    applicationName: 'reports-rebuild',
    poolSize: 3,
    statementTimeoutMs: 0,
    logger,
  });
  try {
    const compareOnly = process.argv.includes('--compare');
    const result = await rebuildReports({
      log: { brokers: settings.KAFKA_BROKERS, clientId: 'reports-rebuild', logger },
      database: new Database(dataSource),
      zones: settings.REPORT_ZONES,
      compareOnly,
      say: (line) => console.log(line),
    });
    for (const { where, live, rebuilt } of result.differences)
      console.log(`${where}: live ${live}, rebuilt ${rebuilt}`);
    const found = result.differences.length === 0 ? 'equal' : `${result.differences.length} differences, see above`;
    console.log(
      `${result.read} records in ${result.seconds.toFixed(1)} s, ${result.leftOut} of them not counted: ${found}; ` +
        (compareOnly ? 'the live tables stay' : 'the rebuilt tables are live'),
    );
    return compareOnly && result.differences.length > 0 ? 1 : 0;
  } finally {
    await closeDataSource(dataSource);
  }
});

/** Where the local platform has its log and reporting's schema. */
async function runningPlatform(): Promise<Record<string, string>> {
  if (process.env.DATABASE_URL !== undefined && process.env.KAFKA_BROKERS !== undefined) return {};
  const home = Home.at(process.env);
  const stack = await readStack(home);
  if (stack === undefined) {
    throw new PlatformError(
      `No platform runs on ${home}: start it (npm start), or set DATABASE_URL and KAFKA_BROKERS.`,
    );
  }
  const { databasePasswords } = secrets.parse(JSON.parse(await readFile(join(home, 'secrets.json'), 'utf8')));
  const url = new URL(stack.postgres);
  url.username = 'reporting';
  url.password = databasePasswords.reporting;
  return { DATABASE_URL: url.href, KAFKA_BROKERS: stack.kafka.join(',') };
}
