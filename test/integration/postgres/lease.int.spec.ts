import { Lease, LeaseLostError, withLease } from '#postgres';
import { type TestDatabase, uniqueName, waitFor } from '#testing';
import { quiet, standardDatabase } from './standard-tables.js';

describe('lease', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await standardDatabase();
  });
  afterAll(() => db.close());

  const leaseOf = (name: string, holder: string, durationMs?: number) =>
    new Lease({ database: db.database, name, holder, ...(durationMs === undefined ? {} : { durationMs }) });

  it('is held by one; release lets the next one in with a higher epoch', async () => {
    const name = uniqueName('lease');
    const [a, b] = [leaseOf(name, 'a'), leaseOf(name, 'b')];
    expect([await a.acquire(), await b.acquire()]).toEqual([true, false]);
    expect([a.held, a.epoch, b.held, b.epoch]).toEqual([true, '1', false, undefined]);
    await a.release();
    expect([await b.acquire(), a.held, b.held, b.epoch]).toEqual([true, false, true, '2']);
  });

  it('passes at once to a new process of the same name, and the old one learns of it', async () => {
    const name = uniqueName('lease');
    const [before, after] = [leaseOf(name, 'email-0'), leaseOf(name, 'email-0')];
    await before.acquire();
    expect([await after.acquire(), after.epoch]).toEqual([true, '2']);
    expect([await before.renew(), before.held]).toEqual([false, false]);
    expect(await after.renew()).toBe(true);
  });

  it('passes to another when it was not renewed, and fences the old holder off', async () => {
    const name = uniqueName('lease');
    const [frozen, next] = [leaseOf(name, 'a', 50), leaseOf(name, 'b')];
    await frozen.acquire();
    const write = (lease: Lease) => db.database.transaction((tx) => lease.assertHeld(tx));
    await write(frozen);
    await waitFor(() => next.acquire(), { describe: 'the lease to run out' });
    expect(frozen.held).toBe(false);
    await expect(write(frozen)).rejects.toBeInstanceOf(LeaseLostError);
    await write(next);
    await frozen.release();
    expect(await next.renew()).toBe(true);
  });

  it('may be renewed after its time as long as nobody took it', async () => {
    const lease = leaseOf(uniqueName('lease'), 'a', 20);
    await lease.acquire();
    await waitFor(() => !lease.held);
    expect([await lease.renew(), lease.held]).toEqual([true, true]);
  });

  it('runs the work at one keeper at a time, and at the other after the first stops', async () => {
    const name = uniqueName('lease');
    const working = new Set<string>();
    const most: number[] = [];
    const keep = (holder: string, stop: AbortController) =>
      withLease({
        database: db.database,
        logger: quiet,
        name,
        holder,
        signal: stop.signal,
        run: async ({ signal }) => {
          working.add(holder);
          most.push(working.size);
          await waitFor(() => signal.aborted);
          working.delete(holder);
        },
      });
    const [stopA, stopB] = [new AbortController(), new AbortController()];
    const a = keep('a', stopA);
    await waitFor(() => working.has('a'));
    const b = keep('b', stopB);
    stopA.abort();
    await a;
    await waitFor(() => working.has('b'), { timeoutMs: 4_000 });
    stopB.abort();
    await b;
    expect([most, [...working]]).toEqual([[1, 1], []]);
  });

  it('tells the work when the lease was taken away, and seeks it again', async () => {
    const name = uniqueName('lease');
    const stop = new AbortController();
    const reasons: unknown[] = [];
    const kept = withLease({
      database: db.database,
      logger: quiet,
      name,
      holder: 'a',
      signal: stop.signal,
      run: async ({ signal }) => {
        await waitFor(() => signal.aborted);
        reasons.push(signal.reason);
      },
    });
    const thief = leaseOf(name, 'a', 200);
    await waitFor(async () => (await thief.acquire()) && Number(thief.epoch) > 1);
    await waitFor(() => reasons.length === 1, { describe: 'the loss to be noticed' });
    expect(reasons).toEqual([expect.any(LeaseLostError)]);
    await waitFor(async () => Number((await epochs(name))[0]?.epoch) > Number(thief.epoch ?? 0));
    stop.abort();
    await kept;
  });

  const epochs = (name: string) =>
    db.database.query<{ epoch: string }>({
      name: 'epoch',
      text: 'select epoch from lease where name = $1',
      values: [name],
    });
});
