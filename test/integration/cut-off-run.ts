import { randomUUID } from 'node:crypto';
import type { Database } from '#postgres';

/** What a killed run leaves behind: its sign of life of ten minutes ago, under a name that does not come back. */
export async function leaveCutOffRun(database: Database): Promise<void> {
  await database.execute({
    name: 'leave-cut-off-run',
    text: `insert into intake_presence select $1, $2, time - interval '1 hour', time, time
           from (select clock_timestamp() - interval '10 minutes' as time) as mark`,
    values: [randomUUID(), 'killed'],
  });
}

/** The runs that are still in doubt or alive. */
export async function countRuns(database: Database): Promise<number> {
  const rows = await database.query({ name: 'count-runs', text: 'select run from intake_presence', values: [] });
  return rows.length;
}
