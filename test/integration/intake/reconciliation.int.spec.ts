import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { contracts, decode, type LedgerRecord, topicDefinitions, topics } from '#contracts';
import { FolderStore, Intake, ListError, ListGoneError, type ListedAccount, Reconciler } from '#intake';
import { ensureTopics, Publisher, readTopic } from '#kafka';
import { createLogger } from '#observability';
import { leaseTable, presenceTable, spoolTable } from '#postgres';
import { type TestDatabase, testBrokers, testDatabase, uniqueName, waitFor } from '#testing';

const logger = createLogger('test', 'silent');
const kafka = { brokers: testBrokers(), clientId: 'test', logger };
const app = 'social-intake';

class ReconcilerTables1795370400000 implements MigrationInterface {
  readonly name = 'ReconcilerTables1795370400000';
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const table of [spoolTable, leaseTable, presenceTable]) await queryRunner.query(table);
  }
  async down(): Promise<void> {}
}

/** Until nothing is thrown. */
const until = (check: () => Promise<void>) =>
  waitFor(
    async () => {
      await check();
      return true;
    },
    { timeoutMs: 20_000 },
  );

interface Asked {
  readonly account: string;
  readonly from: Date;
  readonly to: Date;
}

describe('what a run that was cut off leaves in doubt', () => {
  const began = Date.now() - 1_000;
  let database: TestDatabase;
  let folder: string;
  let publisher: Publisher;
  const ends: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    await ensureTopics(kafka, topicDefinitions([app]), { replication: 1 });
    folder = await mkdtemp(join(tmpdir(), 'reconciliation-'));
    publisher = new Publisher(kafka);
    await publisher.start();
  }, 60_000);
  beforeEach(async () => {
    database = await testDatabase({ schema: 'social', migrations: [ReconcilerTables1795370400000] });
  }, 60_000);
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
    await database.close();
  });
  afterAll(async () => {
    await publisher.close();
    await rm(folder, { recursive: true });
  });

  const cutOff = async (instance: string, secondsAgo: number) => {
    const run = randomUUID();
    await database.dataSource.query(
      `insert into intake_presence select $1, $2, time - interval '1 hour', time, time
       from (select clock_timestamp() - $3 * interval '1 second' as time) as mark`,
      [run, instance, secondsAgo],
    );
    return run;
  };
  const runs = async () => {
    const rows = await database.dataSource.query<{ instance: string }[]>(
      'select instance from intake_presence order by instance',
    );
    return rows.map(({ instance }) => instance);
  };
  const statements = async (account: string) => {
    const found: LedgerRecord['reconciled'] = [];
    await readTopic(kafka, {
      topic: topics.ledger,
      from: began,
      onRecord: ({ headers, bytes }) => {
        const decoded = decode(contracts.ledgerRecord, { headers, value: bytes });
        if (decoded.ok)
          found.push(...decoded.data.reconciled.filter(({ source }) => source === `messenger:${account}`));
      },
    });
    return found;
  };
  const replica = (
    instance: string,
    accounts: readonly ListedAccount[],
    broker: Pick<Publisher, 'publish'> = publisher,
  ) => {
    const intake = new Intake({
      ...{ app, instance, logger, store: new FolderStore(folder), database: database.database, sources: [] },
      publisher: broker as Publisher,
    });
    const reconciler = new Reconciler({ database: database.database, instance, intake, accounts, logger });
    intake.start();
    reconciler.start();
    let isOver = false;
    const kill = async () => {
      if (isOver) return;
      isOver = true;
      await reconciler.stop();
      await intake.stop();
    };
    const end = async () => {
      await kill();
      if (await intake.finish()) await reconciler.finish();
    };
    ends.push(kill);
    return { kill, end };
  };
  /** Accounts of a provider that answers what `answers` says, and whom it was asked for. */
  const provider = (answers: Readonly<Record<string, () => Promise<number>>>) => {
    const asked: Asked[] = [];
    const accounts = Object.entries(answers).map(
      ([account, answer]): ListedAccount => ({
        ...{ channel: 'messenger', account },
        fetch: async (from, to) => {
          asked.push({ account, from, to });
          return await answer();
        },
      }),
    );
    return { accounts, asked };
  };

  it('is asked of every account, said in the ledger, and then forgotten', async () => {
    const [one, other] = [uniqueName('one'), uniqueName('other')];
    await cutOff('gone', 600);
    const { accounts, asked } = provider({ [one]: async () => 3, [other]: async () => 0 });
    const { kill } = replica('here', accounts);
    await until(async () => expect(await runs()).toEqual(['here']));
    expect(asked.map(({ account }) => account)).toEqual([one, other]);
    const [{ from, to } = { from: new Date(), to: new Date() }] = asked;
    expect(Math.round((to.getTime() - from.getTime()) / 1000)).toBeGreaterThanOrEqual(720);
    await until(async () =>
      expect(await statements(one)).toEqual([
        { source: `messenger:${one}`, from: from.toISOString(), to: to.toISOString(), fetched: 3 },
      ]),
    );
    expect(await statements(other)).toHaveLength(1);
    await kill();
  }, 60_000);

  it('is seen by the next run under the same name at once, and by others when it has been silent for long', async () => {
    const account = uniqueName('account');
    await cutOff('here', 1);
    await cutOff('there', 100);
    const { accounts, asked } = provider({ [account]: async () => 0 });
    replica('here', accounts);
    await waitFor(() => asked.length > 0);
    await until(async () => expect(await runs()).toEqual(['here', 'there']));
    expect(asked).toHaveLength(1);
  }, 60_000);

  it('is nothing when a run ended well', async () => {
    const account = uniqueName('account');
    const { accounts, asked } = provider({ [account]: async () => 0 });
    const { end } = replica('here', accounts);
    await until(async () => expect(await runs()).toEqual(['here']));
    await end();
    expect(await runs()).toEqual([]);
    replica('here', accounts);
    await until(async () => expect(await runs()).toEqual(['here']));
    expect(asked).toEqual([]);
  }, 60_000);

  it('is asked for by one replica of two', async () => {
    const account = uniqueName('account');
    await cutOff('gone', 600);
    const { accounts, asked } = provider({
      [account]: async () => {
        // Long enough for the other one to look.
        await new Promise((resolve) => setTimeout(resolve, 2_000));
        return 1;
      },
    });
    const replicas = [replica('one', accounts), replica('two', accounts)];
    await until(async () => expect(await runs()).toEqual(['one', 'two']));
    for (const { kill } of replicas) await kill();
    expect(asked).toHaveLength(1);
    expect(await statements(account)).toHaveLength(1);
  }, 60_000);

  it('waits for a provider that does not answer, and for nobody else; its time is what it was', async () => {
    const [slow, quick] = [uniqueName('slow'), uniqueName('quick')];
    await cutOff('gone', 600);
    let times = 0;
    const { accounts, asked } = provider({
      [slow]: async () => {
        times += 1;
        if (times === 1) throw new ListError('answered 429', 1_500);
        if (times === 2) throw new TypeError('something else');
        return 7;
      },
      [quick]: async () => 1,
    });
    replica('here', accounts);
    await waitFor(() => asked.length === 2);
    expect([times, await runs()]).toEqual([1, ['gone', 'here']]);
    await until(async () => expect(await runs()).toEqual(['here']));
    expect(asked.map(({ account }) => account)).toEqual([slow, quick, slow, slow]);
    expect(new Set(asked.map(({ from, to }) => `${from.toISOString()} ${to.toISOString()}`)).size).toBe(1);
    expect([await statements(slow), await statements(quick)]).toMatchObject([[{ fetched: 7 }], [{ fetched: 1 }]]);
  }, 60_000);

  it('stays in doubt when the provider cannot say any more', async () => {
    const account = uniqueName('account');
    await cutOff('gone', 600);
    const { accounts, asked } = provider({
      [account]: async () => {
        throw new ListGoneError('dropped');
      },
    });
    const { end } = replica('here', accounts);
    await until(async () => expect(await runs()).toEqual(['here']));
    await end();
    expect([asked.length, await statements(account)]).toEqual([1, []]);
  }, 60_000);

  it('is asked for again by the next one, when the ledger had not been told before a crash', async () => {
    const account = uniqueName('account');
    await cutOff('gone', 600);
    const { accounts, asked } = provider({ [account]: async () => 2 });
    const away = { publish: async () => await Promise.reject(new Error('the broker is away')) };
    const { kill } = replica('here', accounts, away);
    await waitFor(() => asked.length === 1);
    await kill();
    expect(await runs()).toEqual(['gone', 'here']);
    replica('here', accounts);
    await until(async () => expect(await runs()).toEqual(['here']));
    expect(asked.length).toBe(2);
    expect(await statements(account)).toHaveLength(1);
  }, 60_000);
});
