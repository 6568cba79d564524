import { type LedgerRecord, type WireMessage } from '#contracts';
import { createLogger } from '#observability';
import { PublishError } from '../publish-error.js';
import { LedgerBook } from './ledger-book.js';
import { LedgerWriter } from './ledger-writer.js';

const minute = Date.parse('2026-11-20T01:02:00Z');
const at = (seconds: number) => minute + seconds * 1_000;

describe('LedgerBook', () => {
  it('counts an input and its outcome in the minute in which it came, once it has ended', () => {
    const book = new LedgerBook();
    const entries = [at(1), at(59), at(61)].map((time) => book.enter('telegram:bot', time));
    expect(book.isEmpty).toBe(true);
    for (const entry of entries) entry.end('published');
    expect(book.take(10)).toEqual([
      { source: 'telegram:bot', minute: '2026-11-20T01:02:00.000Z', received: 2, published: 2 },
      { source: 'telegram:bot', minute: '2026-11-20T01:03:00.000Z', received: 1, published: 1 },
    ]);
    expect(book.isEmpty).toBe(true);
  });

  it('counts under the account that the input turned out to be for, and its first outcome alone', () => {
    const book = new LedgerBook();
    const entry = book.enter('web_form', at(0));
    entry.belongsTo('web_form:contact');
    entry.end('refused');
    entry.end('published');
    expect(book.take(10)).toEqual([
      { source: 'web_form:contact', minute: '2026-11-20T01:02:00.000Z', received: 1, refused: 1 },
    ]);
  });

  it('shows an input that never ends as received, and does not count it again if it ends after all', () => {
    const book = new LedgerBook();
    const lost = book.enter('email:support', at(0));
    book.enter('email:support', at(30));
    book.closeOpen(at(10));
    expect(book.take(10)).toEqual([{ source: 'email:support', minute: '2026-11-20T01:02:00.000Z', received: 1 }]);
    lost.end('spooled');
    expect(book.take(10)).toEqual([{ source: 'email:support', minute: '2026-11-20T01:02:00.000Z', spooled: 1 }]);
  });

  it('hands out as many counts as a record holds, and the rest later', () => {
    const book = new LedgerBook();
    for (const source of ['a', 'b', 'c']) book.count(source, minute, 'read', 2);
    expect(book.take(2).map(({ source }) => source)).toEqual(['a', 'b']);
    expect(book.take(2)).toEqual([{ source: 'c', minute: '2026-11-20T01:02:00.000Z', read: 2 }]);
  });
});

/** A broker that takes, or loses the connection before or after it has taken. */
function world(
  sources?: { source: string; settledBy: 'sender' }[],
  spool?: (messages: readonly WireMessage[]) => Promise<boolean>,
) {
  const log: LedgerRecord[] = [];
  const state = { broker: 'takes' as 'takes' | 'away' | 'takes, but says nothing' };
  const publish = async (messages: readonly WireMessage[]) => {
    if (state.broker !== 'away') log.push(...messages.map(({ value }) => JSON.parse(String(value)) as LedgerRecord));
    if (state.broker !== 'takes') throw new PublishError('unavailable', 'test');
  };
  const writer = new LedgerWriter({
    app: 'social-intake',
    instance: 'one',
    publisher: { publish },
    logger: createLogger('test', 'silent'),
    ...(sources === undefined ? {} : { sources }),
    ...(spool === undefined ? {} : { spool }),
  });
  return Object.assign(state, { log, writer });
}

const sums = (log: readonly LedgerRecord[]) => {
  const byId = new Map(log.map((record) => [record.id, record]));
  return [...byId.values()].flatMap(({ counts }) => counts).reduce((sum, { read = 0 }) => sum + read, 0);
};

describe('LedgerWriter', () => {
  it('sends a record that may have arrived again, unchanged, before anything newer', async () => {
    const it = world();
    it.writer.book.count('a:b', minute, 'read', 3);
    it.broker = 'takes, but says nothing';
    await it.writer.write();
    it.broker = 'takes';
    it.writer.book.count('a:b', minute, 'read', 4);
    await it.writer.finish();
    expect(it.log.map(({ sequence }) => sequence)).toEqual([0, 0, 1, 2].slice(0, it.log.length));
    expect(it.log[1]).toEqual(it.log[0]);
    expect(sums(it.log)).toBe(7);
  });

  it('keeps counting while the broker is away, and holds up nobody', async () => {
    const it = world();
    it.broker = 'away';
    for (let i = 0; i < 5; i++) {
      it.writer.book.count('a:b', minute, 'read');
      await it.writer.write();
    }
    expect(it.log).toEqual([]);
    it.broker = 'takes';
    await it.writer.finish();
    expect(sums(it.log)).toBe(5);
  });

  it('of an intake says first whom it listens to, and last that it is the last', async () => {
    const sources = [{ source: 'telegram:bot', settledBy: 'sender' as const }];
    const it = world(sources);
    it.writer.start();
    await it.writer.write();
    it.writer.book.enter('telegram:bot', at(0));
    await it.writer.finish();
    expect(it.log.at(0)?.sequence).toBe(0);
    expect([it.log.at(0), it.log.at(-1)].map((record) => ({ intake: record?.intake, counts: record?.counts }))).toEqual(
      [
        { intake: { isLast: false, sources }, counts: [] },
        {
          intake: { isLast: true },
          counts: [{ source: 'telegram:bot', minute: '2026-11-20T01:02:00.000Z', received: 1 }],
        },
      ],
    );
  });

  it('says whether statements, and its last word, are on the log', async () => {
    const it = world([{ source: 'telegram:bot', settledBy: 'sender' }]);
    const time = new Date(minute).toISOString();
    it.broker = 'away';
    it.writer.addReconciled({ source: 'telegram:bot', from: time, to: time, fetched: 1 });
    await it.writer.write();
    expect([it.writer.hasStatedAll, it.writer.countedUntil, await it.writer.finish()]).toEqual([false, 0, false]);
    it.broker = 'takes';
    expect([await it.writer.finish(), it.writer.hasStatedAll, it.writer.countedUntil > 0]).toEqual([true, true, true]);
    expect(it.log.flatMap(({ reconciled }) => reconciled)).toHaveLength(1);
  });

  it('leaves the last word of a run in the spool while the broker is away, and nothing before that', async () => {
    const spooled: LedgerRecord[] = [];
    const spool = async (messages: readonly WireMessage[]) => {
      spooled.push(...messages.map(({ value }) => JSON.parse(String(value)) as LedgerRecord));
      // It is back, but what lies in the spool comes later than what is published now.
      it.broker = 'takes';
      return true;
    };
    const it = world([{ source: 'telegram:bot', settledBy: 'sender' }], spool);
    it.writer.book.count('telegram:bot', minute, 'received', 2);
    it.broker = 'takes, but says nothing';
    await it.writer.write();
    it.writer.book.count('telegram:bot', minute, 'spooled', 2);
    it.broker = 'away';
    await it.writer.write();
    expect(spooled).toEqual([]);
    expect(await it.writer.finish()).toBe(true);
    expect(spooled.map(({ sequence, intake }) => [sequence, intake?.isLast])).toEqual([
      [0, false],
      [1, true],
    ]);
    expect([it.log, spooled[0]?.counts]).toEqual([[spooled[0]], it.log[0]?.counts]);
  });

  it('has not said its last word where the spool takes nothing either', async () => {
    const it = world([{ source: 'telegram:bot', settledBy: 'sender' }], async () => false);
    it.broker = 'away';
    expect(await it.writer.finish()).toBe(false);
  });

  it('lets callers that come together share a record', async () => {
    const it = world();
    it.writer.book.count('a:b', minute, 'read');
    await Promise.all([it.writer.write(), it.writer.write(), it.writer.write()]);
    expect(it.log).toHaveLength(1);
  });
});
