import { randomUUID } from 'node:crypto';
import type { TicketChanged, TicketSnapshot } from '#contracts';

const accounts = [
  ['email', 'support'],
  ['email', 'billing'],
  ['web_form', 'contact'],
  ['web_form', 'complaint'],
] as const;
const priorities = ['low', 'normal', 'high', 'urgent'] as const;
const segments = ['school', 'hospital', 'court', 'district', 'other'];
const ids = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, n) => `${prefix}-0000-4000-8000-${String(n).padStart(12, '0')}`);
const teams = ids('00000001-0000', 8);
const agents = ids('00000002-0000', 40);
const categories = ids('00000003-0000', 12);

/** Seconds between one minute and some days, most of them hours: responses and resolutions are spread like that. */
function spreadSeconds(n: number, medianHours: number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random(n))) * Math.cos(2 * Math.PI * random(n + 0.5));
  return Math.max(1, Math.round(medianHours * 3600 * Math.exp(normal) * 1000) / 1000);
}

/** The same fraction for the same number: two runs fill the same tables. */
function random(n: number): number {
  const x = Math.sin(n * 12.9898 + 78.233) * 43758.5453;
  return x - Math.floor(x);
}

/** What happens to the n-th ticket, opened at an instant: answered, mostly resolved, now and then reopened. */
export function factsOfTicket(n: number, openedAt: number): TicketChanged[] {
  const ticketId = randomUUID();
  const [channel, account] = accounts[n % accounts.length] ?? accounts[0];
  const agent = n % agents.length;
  const snapshot: TicketSnapshot = {
    channel,
    account,
    team: teams[agent % teams.length],
    agent: agents[agent],
    category: categories[n % categories.length],
    priority: priorities[n % priorities.length] ?? 'normal',
    status: 'open',
    segment: segments[n % segments.length],
  };
  const facts: TicketChanged[] = [];
  const add = (at: number, carried: object, status = 'open') => {
    const fact = {
      id: randomUUID(),
      ticketId,
      number: `PH-${n}`,
      sequence: facts.length + 1,
      at: new Date(at).toISOString(),
      actor: { kind: 'agent' },
      snapshot: { ...snapshot, status },
      ...carried,
    };
    facts.push(fact as TicketChanged);
    return fact as TicketChanged;
  };
  add(openedAt, { type: 'opened', firstOf: 'new' });
  const wait = spreadSeconds(n, 2);
  const respondedAt = openedAt + wait * 1000;
  add(respondedAt, { type: 'responded', clock: 'first', waitSeconds: wait, messageId: ticketId });
  const later = spreadSeconds(n + 0.25, 1);
  if (n % 2 === 0) {
    add(respondedAt + later * 2000, { type: 'responded', clock: 'next', waitSeconds: later, messageId: ticketId });
  }
  if (n % 20 < 3) return facts;
  const seconds = spreadSeconds(n + 0.75, 20) + wait + later * 2;
  const resolution = { seconds, touches: 1 + (n % 3), transfers: n % 7 === 0 ? 1 : 0 };
  const resolved = add(openedAt + seconds * 1000, { type: 'resolved', ...resolution }, 'resolved');
  if (n % 33 === 0) {
    const taken = { retracts: resolved.id, retractedAt: resolved.at, retractedSnapshot: resolved.snapshot };
    add(Date.parse(resolved.at) + 86_400_000, { type: 'reopened', ...resolution, ...taken });
  }
  return facts;
}
