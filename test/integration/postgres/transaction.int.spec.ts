import pg from 'pg';
import { classifyDatabaseError, Database, TransactionAbortedError } from '#postgres';
import { type TestDatabase, waitFor } from '#testing';
import { gate, standardDatabase } from './standard-tables.js';

describe('transaction', () => {
  let db: TestDatabase;
  let database: Database;

  beforeAll(async () => {
    db = await standardDatabase();
    database = db.database;
  });
  afterAll(() => db.close());
  beforeEach(() => database.execute({ name: 'empty', text: 'delete from item' }));

  const notes = () =>
    database.query<{ id: number; note: string }>({ name: 'notes', text: 'select id, note from item order by id' });
  const insert = 'insert into item (id, note) values ($1, $2)';
  const rewrite = 'update item set note = $2 where id = $1';

  it('commits, and announces the commit only then', async () => {
    const seen: unknown[] = [];
    const result = await database.transaction(async (tx) => {
      tx.afterCommit(() => seen.push('committed'));
      expect(await tx.execute('insert', insert, [1, 'a'])).toBe(1);
      expect(seen).toEqual([]);
      return 'done';
    });
    expect([result, seen, await notes()]).toEqual(['done', ['committed'], [{ id: 1, note: 'a' }]]);
  });

  it('rolls back what a failing work did, and announces nothing', async () => {
    const announced: string[] = [];
    const failing = database.transaction(async (tx) => {
      tx.afterCommit(() => announced.push('committed'));
      await tx.execute('insert', insert, [1, 'a']);
      throw new Error('decided otherwise');
    });
    await expect(failing).rejects.toThrow('decided otherwise');
    expect(await notes()).toEqual([]);
    expect(announced).toEqual([]);
  });

  it('does not pass for committed when the work swallowed an error', async () => {
    const careless = database.transaction(async (tx) => {
      await tx.execute('insert', insert, [1, 'bad']).catch(() => 0);
    });
    await expect(careless).rejects.toBeInstanceOf(TransactionAbortedError);
    await careless.catch((error: unknown) => expect(classifyDatabaseError(error)).toBe('permanent'));
    expect(await notes()).toEqual([]);
  });

  it('refuses a statement after its end', async () => {
    const escaped = await database.transaction(async (tx) => tx);
    await expect(escaped.query('late', 'select 1 as one')).rejects.toThrow('after the end');
  });

  it('runs the loser of a deadlock again', async () => {
    await database.transaction((tx) => tx.execute('two', `insert into item values (1, 'a'), (2, 'a')`));
    const [first, second] = [gate(), gate()];
    let runs = 0;
    const crossing = (mine: number, other: number, own: typeof first, their: typeof first) =>
      database.transaction(async (tx) => {
        runs += 1;
        await tx.execute('rewrite', rewrite, [mine, `by ${mine}`]);
        own.open();
        await their.opened;
        await tx.execute('rewrite', rewrite, [other, `by ${mine}`]);
      });
    await Promise.all([crossing(1, 2, first, second), crossing(2, 1, second, first)]);
    expect(runs).toBe(3);
    const [one, two] = await notes();
    expect(one?.note).toBe(two?.note);
  });

  it('runs again after a race only where that is asked for', async () => {
    await database.transaction((tx) => tx.execute('insert', insert, [1, 'a']));
    const taken = (next: () => number, options: { retryRaces?: boolean }) =>
      database.transaction((tx) => tx.execute('insert', insert, [next(), 'b']), options);
    await expect(taken(() => 1, {})).rejects.toMatchObject({ code: '23505' });
    let id = 0;
    await taken(() => ++id, { retryRaces: true });
    expect(await notes()).toEqual([
      { id: 1, note: 'a' },
      { id: 2, note: 'b' },
    ]);
  });

  it('gives up after its attempts', async () => {
    let runs = 0;
    const work = async () => {
      runs += 1;
      throw Object.assign(new Error('again'), { code: '40001' });
    };
    await expect(database.transaction(work, { attempts: 2 })).rejects.toThrow('again');
    expect(runs).toBe(2);
  });

  it('waits five seconds for a lock, and takes that for transient', async () => {
    await database.transaction((tx) => tx.execute('insert', insert, [1, 'a']));
    const [locked, done] = [gate(), gate()];
    const holder = database.transaction(async (tx) => {
      await tx.execute('rewrite', rewrite, [1, 'held']);
      locked.open();
      await done.opened;
    });
    await locked.opened;
    const startedAt = performance.now();
    const waiter = database.transaction((tx) => tx.execute('rewrite', rewrite, [1, 'waited']));
    await expect(waiter).rejects.toMatchObject({ code: '55P03' });
    await waiter.catch((error: unknown) => expect(classifyDatabaseError(error)).toBe('transient'));
    expect(performance.now() - startedAt).toBeGreaterThan(4_000);
    done.open();
    await holder;
  });

  it('works on after a migration changed what its prepared statements return', async () => {
    await database.transaction((tx) => tx.execute('insert', insert, [1, 'a']));
    const all = () => database.transaction((tx) => tx.query('item_all', 'select * from item'));
    await Promise.all([all(), all(), all()]);
    const admin = new pg.Client({ connectionString: db.adminUrl });
    await admin.connect();
    await admin.query('alter table trial.item add column extra int');
    expect(await Promise.all([all(), all(), all()])).toEqual(Array(3).fill([{ id: 1, note: 'a', extra: null }]));
    await admin.query('alter table trial.item drop column extra');
    await admin.end();
  });

  it.each([
    ['not a number', insert, ['x', 'a'], 'permanent'],
    ['NUL in text', insert, [5, 'a\0b'], 'permanent'],
    ['null where it must not be', insert, [5, null], 'permanent'],
    ['a refused value', insert, [5, 'bad'], 'permanent'],
    ['a missing table', 'insert into missing values ($1, $2)', ['1', '2'], 'transient'],
  ])('has %s classed by what the server says', async (name, text, values, expected) => {
    const refused = database.transaction((tx) => tx.execute(`refused_${name}`, text, values));
    await expect(refused).rejects.toThrow();
    await refused.catch((error: unknown) => expect(classifyDatabaseError(error)).toBe(expected));
  });

  it('bounds locks, statements and idleness on each connection, in UTC', async () => {
    const text = `select current_setting('lock_timeout') as lock, current_setting('statement_timeout') as statement,
      current_setting('idle_in_transaction_session_timeout') as idle, current_setting('timezone') as zone,
      current_setting('transaction_isolation') as isolation, current_setting('search_path') as path`;
    expect(await database.transaction((tx) => tx.query('settings', text))).toEqual([
      { lock: '5s', statement: '30s', idle: '10s', zone: 'UTC', isolation: 'read committed', path: 'trial,extensions' },
    ]);
  });

  it('takes it for transient that the server ended an idle transaction', async () => {
    const frozen = database.transaction(async (tx) => {
      const [own] = await tx.query<{ pid: number }>('pid', 'select pg_backend_pid() as pid');
      await tx.execute('hasten', `set local idle_in_transaction_session_timeout = '50ms'`);
      const gone = { name: 'gone', text: 'select 1 from pg_stat_activity where pid = $1', values: [own?.pid] };
      await waitFor(async () => (await database.query(gone)).length === 0, { describe: 'the end of the connection' });
      return tx.execute('insert', insert, [1, 'late']);
    });
    await expect(frozen).rejects.toThrow();
    await frozen.catch((error: unknown) => expect(classifyDatabaseError(error)).toBe('transient'));
    expect([await database.ping(), await notes()]).toEqual([true, []]);
  });

  it('survives that all its connections are terminated, busy ones included', async () => {
    const admin = new pg.Client({ connectionString: db.adminUrl });
    await admin.connect();
    const busy = database.transaction((tx) => tx.query('sleep', `select pg_sleep(30), 'busy' as what`));
    const idleInTransaction = database.transaction(async (tx) => {
      await tx.query('one', 'select 1 as one');
      await waitFor(async () => (await others(admin)) === 0, { describe: 'the end of all connections' });
      return tx.query('one', 'select 1 as one');
    });
    const outcome = Promise.allSettled([busy, idleInTransaction]);
    await waitFor(async () => (await others(admin, `state = 'active' or state like 'idle in%'`)) >= 2);
    await admin.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where ${ours} and pid <> pg_backend_pid()`,
    );
    const settled = await outcome;
    expect(settled.map((one) => one.status === 'rejected' && classifyDatabaseError(one.reason))).toEqual([
      'transient',
      'transient',
    ]);
    expect(await database.transaction((tx) => tx.query('one', 'select 1 as one'))).toEqual([{ one: 1 }]);
    expect([await database.ping(), database.isUp]).toEqual([true, true]);
    await admin.end();
  });

  const ours = `datname = current_database() and usename = 'phtest_trial'`;
  async function others(admin: pg.Client, state = 'true'): Promise<number> {
    const { rows } = await admin.query<{ n: string }>(
      `select count(*) as n from pg_stat_activity where ${ours} and (${state})`,
    );
    return Number(rows[0]?.n);
  }
});
