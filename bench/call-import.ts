import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../tools/platform/index.js';
import { issueTokens } from '../test/integration/access-tokens.js';
import { spread } from './harness/figures.js';
import { forgetPeakRss, rss } from './harness/machine.js';
import type { Report } from './harness/report.js';
import { Workspace } from './harness/workspace.js';

const rounds = 3;
const rows = 100_000;
const ourNumber = '+842363888999';

/** One table of a month: callers come back, as customers do. */
function table(round: number): string {
  const lines = ['callId,direction,from,to,startedAt,durationSeconds,outcome,agent'];
  for (let row = 0; row < rows; row += 1) {
    const caller = `09${String(10_000_000 + ((row * 7_919) % 30_000)).padStart(8, '0')}`;
    const at = new Date(Date.UTC(2026, 9, 1, 0, 0, row * 25)).toISOString().slice(0, 19).replace('T', ' ');
    const taken = row % 5 === 0 ? '0,missed' : `${20 + (row % 600)},answered`;
    lines.push(`r${round}-${row},inbound,${caller},${ourNumber},${at},${taken},Nguyễn Thị Ánh`);
  }
  return lines.join('\n');
}

/** A table of 100,000 calls by HTTP: from the first byte sent to the last line of the answer, when every row is durable. */
export async function callImport(report: Report): Promise<void> {
  const workspace = await Workspace.create();
  const tokens = await issueTokens();
  try {
    const account = `  - id: hotline\n    channel: phone\n    provider: twilio\n    address: "${ourNumber}"\n`;
    const credentials = '    credentials: { accountSid: AC0, authToken: a-token }\n';
    await writeFile(join(workspace.dir, 'channels.yaml'), `accounts:\n${account}${credentials}`);
    const PORT = String(await freePort());
    const url = `http://127.0.0.1:${PORT}`;
    const running = workspace.start('phone-intake', {
      ...{ PORT, PUBLIC_URL: url, JWKS_URL: tokens.url },
      DATABASE_URL: await workspace.databaseUrl('phone-intake', 'bench'),
    });
    await running.untilReady(url);
    const authorization = `Bearer ${await tokens.issue('supervisor')}`;
    const send = async (body: string) => {
      const headers = { 'content-type': 'text/csv', authorization };
      const answer = await fetch(`${url}/api/v1/calls/import`, { method: 'POST', body, headers });
      const text = await running.during(answer.text());
      return JSON.parse(text.trimEnd().split('\n').at(-1) ?? '{}') as { complete?: boolean; accepted?: number };
    };
    await send(table(0));
    forgetPeakRss(running.pid);
    const [rates, costs, accepted]: [number[], number[], number[]] = [[], [], []];
    const before = rss(running.pid);
    for (let round = 1; round <= rounds; round += 1) {
      const body = table(round);
      const cpu = running.cpuSeconds();
      const began = performance.now();
      const last = await send(body);
      const seconds = (performance.now() - began) / 1000;
      rates.push(rows / seconds);
      costs.push(((running.cpuSeconds() - cpu) / rows) * 1000);
      accepted.push(last.complete === true ? (last.accepted ?? 0) : 0);
      report.say(`round ${round}: ${rows} rows in ${seconds.toFixed(1)} s`);
    }
    report.spread('rows per second', spread(rates), '/s');
    report.spread('CPU seconds per 1,000 rows', spread(costs), 's');
    report.figure('RSS before, peak', `${before.toFixed(0)}, ${running.peakRss().toFixed(0)}`, 'MiB');
    report.equals(
      'rows that became durable',
      rounds * rows,
      accepted.reduce((sum, count) => sum + count, 0),
    );
    report.atLeast('rows per second to durable events', 5_000, spread(rates).median, '/s');
    report.atMost('memory that a table of 100,000 rows takes', 150, running.peakRss() - before, 'MiB');
  } finally {
    tokens.close();
    await workspace.close();
  }
}
