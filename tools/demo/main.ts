// `npm run demo`: the main job once, on real input. Uses the platform of PHANHOI_HOME when one runs; otherwise starts one and stops it.
import { Home } from '../platform/home.js';
import { PlatformError, runMain } from '../platform/platform-error.js';
import { readStack } from '../platform/stack.js';
import { type Platform, platformOptions, startPlatform } from '../platform/start.js';
import type { Ticket } from './api.js';
import { type Ending, tell } from './story.js';

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

function describe({ tickets, before, after }: Ending): string {
  const lines = ['', 'tickets'];
  for (const ticket of tickets) lines.push(...describeTicket(ticket));
  lines.push('', 'report (yesterday to tomorrow, by channel)');
  lines.push(row(['channel', 'feedback', 'tickets opened', 'first responses']));
  for (const [channel, counts] of Object.entries(after)) {
    const was = before[channel] ?? { feedback_count: 0, tickets_opened: 0, first_responses: 0 };
    const grown = (key: keyof typeof was) => `${counts[key]} (+${counts[key] - was[key]})`;
    lines.push(row([channel, grown('feedback_count'), grown('tickets_opened'), grown('first_responses')]));
  }
  return lines.join('\n');
}

function describeTicket({ number, status, channel, subject = '', customer, messages }: Ticket): string[] {
  const head = `  ${number}  ${status}  ${channel}  ${subject}  — ${customer.name ?? 'anonymous'} <${customer.address ?? 'no address'}>`;
  const talk = messages.map(({ direction, automatic, text, delivery }) => {
    const who = direction === 'inbound' ? 'customer' : automatic ? 'automatic' : 'agent';
    const state = delivery === undefined ? '' : ` [${delivery.state}]`;
    return `    ${who.padEnd(10)}${text.replace(/\s+/g, ' ').slice(0, 90)}${state}`;
  });
  return [head, ...talk];
}

function row(cells: readonly string[]): string {
  return `  ${cells.map((cell) => cell.padEnd(16)).join('')}`;
}
