import { randomUUID } from 'node:crypto';
import { claimInbox, releaseInbox } from '#postgres';
import { type TestDatabase, waitFor } from '#testing';
import { gate, standardDatabase } from './standard-tables.js';

describe('inbox', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await standardDatabase();
  });
  afterAll(() => db.close());

  const ids = (count: number) => Array.from({ length: count }, () => randomUUID());
  const claim = (batch: readonly string[]) => db.database.transaction((tx) => claimInbox(tx, batch));
  const waiting = async () => {
    const rows = await db.database.query({
      name: 'waiting',
      text: `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    });
    return rows.length > 0;
  };

  it('gives each id once, however often and in whatever case it comes', async () => {
    const [first, second, third] = ids(3) as [string, string, string];
    expect(await claim([first, second, first, first.toUpperCase()])).toEqual(new Set([first, second]));
    expect(await claim([third, second])).toEqual(new Set([third]));
    expect(await claim([])).toEqual(new Set());
  });

  it('lets a concurrent owner wait, and gives it nothing once the first commits', async () => {
    const batch = ids(500);
    const [claimed, commit] = [gate(), gate()];
    const first = db.database.transaction(async (tx) => {
      const mine = await claimInbox(tx, batch);
      claimed.open();
      await commit.opened;
      return mine;
    });
    await claimed.opened;
    const second = claim(batch.toReversed());
    await waitFor(waiting, { describe: 'the second owner to wait' });
    commit.open();
    expect([(await first).size, (await second).size]).toEqual([500, 0]);
  });

  it('gives a concurrent owner everything once the first rolls back', async () => {
    const batch = ids(50);
    const [claimed, fail] = [gate(), gate()];
    const first = db.database.transaction(async (tx) => {
      await claimInbox(tx, batch);
      claimed.open();
      await fail.opened;
      throw new Error('retry');
    });
    await claimed.opened;
    const second = claim(batch);
    await waitFor(waiting, { describe: 'the second owner to wait' });
    fail.open();
    await expect(first).rejects.toThrow('retry');
    expect(await second).toEqual(new Set(batch));
  });

  it('never deadlocks owners of overlapping batches', async () => {
    const pool = ids(200);
    const batches = Array.from({ length: 24 }, (_, n) => pool.slice(n * 5, n * 5 + 80).sort(() => Math.random() - 0.5));
    const claims = await Promise.all(
      batches.map((batch) => db.database.transaction((tx) => claimInbox(tx, batch), { attempts: 1 })),
    );
    const given = claims.flatMap((claimed) => [...claimed]);
    expect(given.toSorted()).toEqual(pool.slice(0, 195).toSorted());
  });

  it('takes a dead letter back, so that its replay is consumed', async () => {
    const [good, bad] = ids(2) as [string, string];
    await db.database.transaction(async (tx) => {
      await claimInbox(tx, [good, bad]);
      await releaseInbox(tx, [bad]);
    });
    expect(await claim([good, bad])).toEqual(new Set([bad]));
  });
});
