import type { WireMessage } from '#contracts';
import { appendOutbox, appendSpool, OutboxRelay } from '#postgres';
import { type TestDatabase, waitFor } from '#testing';
import { aMessage, gate, quiet, standardDatabase } from './standard-tables.js';

describe('outbox relay', () => {
  let db: TestDatabase;
  let log: string[];
  const relays: OutboxRelay[] = [];

  beforeAll(async () => {
    db = await standardDatabase();
  });
  afterAll(() => db.close());
  beforeEach(() => {
    log = [];
  });
  afterEach(async () => {
    await Promise.all(relays.splice(0).map((relay) => relay.stop()));
  });

  const idsOf = (messages: readonly WireMessage[]) => messages.map(({ headers }) => headers['ce_id'] ?? '');
  const record = async (messages: WireMessage[]): Promise<void> => {
    log.push(...idsOf(messages));
  };

  function relay(publish = record, more: Partial<ConstructorParameters<typeof OutboxRelay>[0]> = {}): OutboxRelay {
    const made = new OutboxRelay({ database: db.database, publish, lease: { holder: 'a' }, logger: quiet, ...more });
    relays.push(made);
    made.start();
    return made;
  }

  const write = (messages: readonly WireMessage[]) => db.database.transaction((tx) => appendOutbox(tx, messages));
  const left = async (table = 'outbox') =>
    Number(
      (await db.database.query<{ n: string }>({ name: `${table}_n`, text: `select count(*) as n from ${table}` }))[0]
        ?.n,
    );
  const emptied = () =>
    waitFor(async () => (await left()) === 0, { describe: () => `the outbox to empty: ${log.join()}` });
  const sequences = (key: string, from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, n) => `${key}-${from + n}`);

  it('publishes in order and hands every field over unchanged', async () => {
    const seen: WireMessage[] = [];
    const tombstone: WireMessage = { ...aMessage('t', 1), value: null, timestamp: 1_700_000_000_123 };
    const full: WireMessage = { ...aMessage('chìa khóa', 2), partitionKey: 'khác', value: Buffer.from([0, 255, 10]) };
    await write([tombstone, full]);
    relay(async (messages) => void seen.push(...messages));
    await emptied();
    expect(seen).toEqual([tombstone, full]);
  });

  it('publishes at once when woken after the commit, and soon without', async () => {
    const running = relay();
    await write([aMessage('polled', 1)]);
    await emptied();
    await db.database.transaction(async (tx) => {
      tx.afterCommit(() => running.wake());
      await appendOutbox(tx, [aMessage('woken', 1)]);
    });
    await emptied();
    expect(log).toEqual(['polled-1', 'woken-1']);
  });

  it('keeps the order of each key over many writers and small batches', async () => {
    relay(record, { batchSize: 7 });
    const keys = ['t1', 't2', 't3', 't4'];
    await Promise.all(
      keys.map(async (key) => {
        for (let n = 1; n <= 40; n += 2) await write([aMessage(key, n), aMessage(key, n + 1)]);
      }),
    );
    await emptied();
    for (const key of keys) expect(log.filter((id) => id.startsWith(`${key}-`))).toEqual(sequences(key, 1, 40));
  });

  it('loses nothing and keeps the order when publishing fails', async () => {
    let failures = 2;
    const flaky = async (messages: WireMessage[]) => {
      if (messages.some(({ key }) => key === 'flaky') && failures-- > 0) throw new Error('broker away');
      await record(messages);
    };
    relay(flaky, { batchSize: 10 });
    await write(Array.from({ length: 30 }, (_, n) => aMessage('flaky', n + 1)));
    await emptied();
    expect(log).toEqual(sequences('flaky', 1, 30));
  });

  it('keeps rows whose acknowledgement never came', async () => {
    const running = relay(() => Promise.reject(new Error('broker away')));
    await write([aMessage('kept', 1)]);
    await running.stop();
    expect(await left()).toBe(1);
    relay();
    await emptied();
    expect(log).toEqual(['kept-1']);
  });

  it('does not lose a lower id that commits after a higher one was published', async () => {
    relay();
    const [written, commit] = [gate(), gate()];
    const slow = db.database.transaction(async (tx) => {
      await appendOutbox(tx, [aMessage('slow', 1)]);
      written.open();
      await commit.opened;
    });
    await written.opened;
    await write([aMessage('fast', 1)]);
    await waitFor(() => log.includes('fast-1'));
    commit.open();
    await slow;
    await emptied();
    expect(log).toEqual(['fast-1', 'slow-1']);
  });

  it('has one batch in flight, from one replica, though two run', async () => {
    let inFlight = 0;
    const most: number[] = [];
    const publishers = new Set<string>();
    const by = (holder: string) => async (messages: WireMessage[]) => {
      most.push((inFlight += 1));
      publishers.add(holder);
      await left();
      log.push(...idsOf(messages));
      inFlight -= 1;
    };
    const first = relay(by('a'), { batchSize: 5, lease: { holder: 'a' } });
    const second = relay(by('b'), { batchSize: 5, lease: { holder: 'b' } });
    for (let n = 1; n <= 60; n += 1) {
      await write([aMessage('pair', n)]);
      first.wake();
      second.wake();
    }
    await emptied();
    expect(log).toEqual(sequences('pair', 1, 60));
    expect([Math.max(...most), publishers.size]).toEqual([1, 1]);
    const [stopped, other] = publishers.has('a') ? [first, 'b'] : [second, 'a'];
    await stopped.stop();
    await write([aMessage('pair', 61)]);
    await emptied();
    expect([log.at(-1), publishers.has(other)]).toEqual(['pair-61', true]);
  });

  it('bounds a batch by bytes, and still passes a row larger than the bound', async () => {
    const sizes: number[] = [];
    const big = (n: number, bytes: number): WireMessage => ({ ...aMessage('big', n), value: Buffer.alloc(bytes) });
    const mebibyte = 1024 * 1024;
    await write([big(1, 5 * mebibyte), big(2, 3 * mebibyte), big(3, 2 * mebibyte), big(4, 1)]);
    relay(async (messages) => {
      sizes.push(messages.length);
      await record(messages);
    });
    await emptied();
    expect([sizes, log]).toEqual([[1, 2, 1], sequences('big', 1, 4)]);
  });

  it('drains a spool in the same way', async () => {
    await db.database.transaction((tx) => appendSpool(tx, [aMessage('spooled', 1), aMessage('spooled', 2)]));
    relay(record, { table: 'spool' });
    await waitFor(async () => (await left('spool')) === 0);
    expect(log).toEqual(['spooled-1', 'spooled-2']);
  });

  it('stops only after the batch in flight is settled', async () => {
    const [started, finish] = [gate(), gate()];
    const running = relay(async (messages) => {
      started.open();
      await finish.opened;
      await record(messages);
    });
    await write([aMessage('last', 1)]);
    await started.opened;
    const stopped = running.stop();
    finish.open();
    await stopped;
    expect([log, await left()]).toEqual([['last-1'], 0]);
  });
});
