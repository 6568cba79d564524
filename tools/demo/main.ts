// `npm run demo`: the main job once, on real input. Uses the platform of PHANHOI_HOME when one runs; otherwise starts one and stops it.
import { Home } from '../platform/home.js';
import { PlatformError, runMain } from '../platform/platform-error.js';
import { readStack } from '../platform/stack.js';
import { type Platform, platformOptions, startPlatform } from '../platform/start.js';
import { ledgerColumns, ledgerRows } from './ledger.js';
import { type Ending, type Outcome, tell } from './story.js';

await runMain(async () => {
  const say = (line: string) => console.log(line);
  const interrupted = new Promise<never>((_, stop) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.once(signal, () => stop(new PlatformError(`interrupted by ${signal}`)));
    }
  });
  const running = await readStack(Home.at(process.env));
  let own: Promise<Platform> | undefined;
  try {
    if (running === undefined) own = startPlatform(platformOptions(process.env, say));
    const stack = running ?? (await Promise.race([own, interrupted]))?.stack;
    if (stack === undefined) throw new Error('no platform');
    console.log(describe(await Promise.race([tell(stack, say), interrupted])));
    return 0;
  } finally {
    // A start that was interrupted is finished first: only then is everything known that must be stopped.
    const platform = await own?.catch(() => undefined);
    await platform?.stop();
  }
});

function describe({ outcomes, before, after, ledger }: Ending): string {
  const lines = ['', 'each customer was answered once'];
  const widths = [20, 9, 34, 46];
  lines.push(row(['who wrote', 'ticket', 'from', 'answered', 'state'], widths));
  lines.push(...outcomes.map((outcome) => row(cells(outcome), widths)));
  lines.push('', 'report (yesterday to tomorrow, by channel)');
  const even = [18, 16, 16, 16];
  lines.push(row(['channel', 'feedback', 'tickets opened', 'first responses'], even));
  for (const [channel, counts] of Object.entries(after)) {
    const was = before[channel] ?? { feedback_count: 0, tickets_opened: 0, first_responses: 0 };
    const grown = (key: keyof typeof was) => `${counts[key]} (+${counts[key] - was[key]})`;
    lines.push(row([channel, grown('feedback_count'), grown('tickets_opened'), grown('first_responses')], even));
  }
  lines.push('', 'ledger (what came in, what became of it, what was stored; since this demo began)');
  const narrow = [34, ...ledgerColumns.slice(1).map((name) => name.length + 2)];
  lines.push(row([...ledgerColumns], narrow), ...ledgerRows(ledger).map((texts) => row(texts, narrow)));
  return lines.join('\n');
}

function cells({ label, ticket, answered, state, fallback }: Outcome): string[] {
  const { channel, to, inReplyTo } = answered;
  const below = inReplyTo === undefined || channel === 'email' ? '' : `, below ${inReplyTo}`;
  const answeredTo = `by ${channel} to ${to}${below}`;
  const why = fallback === undefined ? '' : ` (${fallback.reason})`;
  return [label, ticket.number, ticket.customer.address ?? 'no address', answeredTo, `${state}${why}`];
}

function row(texts: readonly string[], widths: readonly number[]): string {
  return `  ${texts.map((text, index) => text.padEnd(widths[index] ?? 0)).join(' ')}`.trimEnd();
}
