import { randomUUID } from 'node:crypto';
import { exchangeNumber } from '../../bench/harness/words.js';

/** A call as a telephone exchange keeps it; it began on a whole second, at least `seconds` ago. */
export interface ExchangeCall {
  /** The exchange's `uniqueid`. */
  readonly id: string;
  readonly direction: 'from-trunk' | 'from-internal';
  /** E.164. */
  readonly customer: string;
  readonly startedAt: Date;
  readonly seconds: number;
  readonly disposition: 'ANSWERED' | 'NO ANSWER' | 'BUSY' | 'FAILED' | 'VOICEMAIL';
}

const zoneMs = 7 * 3_600_000;
/** The longest call is over by then, and a call of now is later than all of these. */
const someMinutesMs = 360_000;
const header = 'calldate,src,dst,dcontext,billsec,disposition,uniqueid,agent';
const agents = ['Nguyễn Thị Ánh', 'Trần Văn Bình', '"Lê, Cúc"'];

/** The telephone of a customer. */
export function callerOf(person: number): string {
  return `+849${String(10_000_000 + person)}`;
}

const mix = [
  ...Array.from({ length: 11 }, () => ['from-trunk', 'ANSWERED'] as const),
  ...Array.from({ length: 3 }, () => ['from-trunk', 'NO ANSWER'] as const),
  ['from-trunk', 'BUSY'] as const,
  ['from-trunk', 'VOICEMAIL'] as const,
  ...Array.from({ length: 3 }, () => ['from-internal', 'ANSWERED'] as const),
  ['from-internal', 'NO ANSWER'] as const,
];

/** Calls in and out, taken and not, evenly over `days` up to some minutes ago; caller 0 begins, and all call again and again in their order. */
export function callsOf(days: number, { calls, callers }: { readonly calls: number; readonly callers: number }) {
  const until = Date.now() - someMinutesMs;
  const from = until - days * 86_400_000;
  return Array.from({ length: calls }, (_, number): ExchangeCall => {
    const startedAt = wholeSecond(from + ((until - from) * number) / calls);
    const [direction, disposition] = mix[(number * 7) % mix.length] ?? ['from-trunk', 'ANSWERED'];
    const seconds = disposition === 'ANSWERED' || disposition === 'VOICEMAIL' ? 20 + (number % 280) : 0;
    const customer = callerOf(number % callers);
    return { id: idOf(startedAt, number), direction, customer, startedAt, seconds, disposition };
  });
}

/** A call of this minute, which the exchange's webhook tells of, and later its records too. */
export function callNow(person: number, disposition: 'ANSWERED' | 'NO ANSWER'): ExchangeCall {
  const seconds = disposition === 'ANSWERED' ? 45 : 0;
  const startedAt = wholeSecond(Date.now() - 60_000);
  const customer = callerOf(person);
  return { id: idOf(startedAt, randomUUID()), direction: 'from-trunk', customer, startedAt, seconds, disposition };
}

const wholeSecond = (ms: number) => new Date(Math.floor(ms / 1000) * 1000);
const idOf = (startedAt: Date, name: number | string) => `${startedAt.getTime() / 1000}.${name}`;

/** The body of the webhook. @param isNamedAlike whether the records name the call by the same id; their clock is a little off too, where they do not. */
export function toldLive({ id, customer, startedAt, seconds, disposition }: ExchangeCall, isNamedAlike: boolean) {
  const start = isNamedAlike ? startedAt : new Date(startedAt.getTime() + 2_000);
  return {
    ...{ uuid: isNamedAlike ? id : randomUUID(), caller: customer, callee: exchangeNumber, result: disposition },
    ...{ billsec: seconds === 0 || isNamedAlike ? seconds : seconds + 1, start: start.toISOString() },
  };
}

/** The exchange's own file of them: local times, and numbers as people dial them. */
export function recordsOf(calls: readonly ExchangeCall[]): string {
  const dialled = (number: string) => number.replace(/^\+84/, '0');
  const lines = calls.map(({ id, direction, customer, startedAt, seconds, disposition }, number) => {
    const calldate = new Date(startedAt.getTime() + zoneMs).toISOString().slice(0, 19).replace('T', ' ');
    const ends = [dialled(customer), dialled(exchangeNumber)];
    const [src, dst] = direction === 'from-trunk' ? ends : ends.toReversed();
    const agent = disposition === 'ANSWERED' ? (agents[number % agents.length] ?? '') : '';
    return [calldate, src, dst, direction, seconds, disposition, id, agent].join(',');
  });
  return [header, ...lines].join('\n');
}

/** The local day of a call. */
export function dayOf({ startedAt }: ExchangeCall): string {
  return new Date(startedAt.getTime() + zoneMs).toISOString().slice(0, 10);
}
