import type { MigrationInterface, QueryRunner } from 'typeorm';
import { type Outgoing, OutboundRepository, type ReplySender, ReplyWorker, type SendOutcome } from '#intake';
import { createLogger, Health } from '#observability';
import { closeDataSource, createDataSource, Database, outboundPace, outboundTable, outboxTable } from '#postgres';
import { aReplyRequested, type TestDatabase, testDatabase, waitFor } from '#testing';

class Tables1795700000000 implements MigrationInterface {
  readonly name = 'Tables1795700000000';
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const table of [outboxTable, outboundTable, outboundPace]) await queryRunner.query(table);
    await queryRunner.query(`alter table outbound add column claimed_by text`);
  }
  async down(): Promise<void> {}
}

const logger = createLogger('test', 'silent');
// Slower than this machine at its slowest, so that it is the rate that decides.
const rate = { perSecond: 4, burst: 3 };
const slow = { perSecond: 0.5, burst: 3 };
const rates = new Map([
  ['paced', rate],
  ['slow', slow],
]);

/** A provider that answers as it is told; what no account is told of is sent. */
class Provider implements ReplySender {
  readonly taken: Outgoing[] = [];
  constructor(private readonly answer: (outgoing: Outgoing, times: number) => SendOutcome) {}
  async prepare(outgoing: Outgoing) {
    const send = async () => this.answer(outgoing, this.taken.push(outgoing));
    return { kind: 'ready' as const, send };
  }
  async findSent() {
    return [];
  }
}

describe('the pace of sending', () => {
  let test: TestDatabase;
  const opened: { worker: ReplyWorker; close: () => Promise<void> }[] = [];
  beforeEach(async () => {
    test = await testDatabase({ schema: 'paced', migrations: [Tables1795700000000] });
  });
  afterEach(async () => {
    for (const { worker, close } of opened.splice(0)) {
      await worker.onModuleDestroy();
      await close();
    }
    await test.close();
  });

  /** Each replica has connections of its own. */
  async function replicas(count: number, sender: ReplySender): Promise<OutboundRepository[]> {
    const repositories: OutboundRepository[] = [];
    for (let index = 0; index < count; index += 1) {
      const source = await createDataSource({
        url: test.url,
        schema: 'paced',
        poolSize: 5,
        applicationName: `r${index}`,
      });
      const database = new Database(source);
      const outbound = new OutboundRepository(database, 'test', rates);
      const instance = `r${index}`;
      const worker = new ReplyWorker({ instance, database, outbound, sender, health: new Health(), logger });
      opened.push({ worker, close: () => closeDataSource(source) });
      repositories.push(outbound);
    }
    return repositories;
  }
  const start = () => {
    for (const { worker } of opened) worker.onApplicationBootstrap();
  };
  const ask = async (count: number, account: string) => {
    const outgoing = Array.from({ length: count }, () => ({ kind: 'reply' as const, ...aReplyRequested({ account }) }));
    const rows = outgoing.map((one) => [one.id, one.id, JSON.stringify(one)]);
    await test.database.query({
      name: 'ask',
      text: `insert into outbound (reply_id, conversation_key, payload) select * from unnest($1::uuid[], $2::text[], $3::jsonb[])`,
      values: [0, 1, 2].map((column) => rows.map((row) => row[column])),
    });
  };
  const sentTimes = async (account: string) =>
    (
      await test.database.query<{ at: number }>({
        name: 'times',
        text: `select extract(epoch from claimed_at)::float8 as at from outbound where account = $1 and state = 'sent' order by claimed_at`,
        values: [account],
      })
    ).map(({ at }) => at);

  it('of an account is kept by two replicas together, and others do not wait for it', async () => {
    await replicas(2, new Provider(() => ({ kind: 'sent' })));
    await ask(20, 'paced');
    await ask(20, 'free');
    start();
    const times = await waitFor(
      async () => {
        const all = await sentTimes('paced');
        return all.length === 20 ? all : undefined;
      },
      { timeoutMs: 30_000 },
    );
    // In no stretch of time more than the burst and what the rate gives meanwhile; the clock is read a moment apart.
    const tooMany = times.flatMap((from, first) =>
      times.slice(first).filter((to, more) => more + 1 > rate.burst + rate.perSecond * (to - from) + 0.5),
    );
    expect(tooMany).toEqual([]);
    const free = await sentTimes('free');
    expect(free).toHaveLength(20);
    expect(free.at(-1)).toBeLessThan(times.at(-1) ?? 0);
  });

  it('of an account stops in all replicas while its provider asks for it, and goes on by itself', async () => {
    const provider = new Provider((_, times) =>
      times === 1
        ? { kind: 'not_sent', code: 'too_many_requests', permanent: false, detail: '429', retryAfterMs: 4_000 }
        : { kind: 'sent' },
    );
    await replicas(2, provider);
    await ask(1, 'asked');
    start();
    const pausedUntil = await waitFor(async () => await pauseOf('asked'));
    await ask(5, 'asked');
    await ask(1, 'other');
    await waitFor(async () => (await sentTimes('other')).length === 1);
    const times = await waitFor(
      async () => {
        const all = await sentTimes('asked');
        return all.length === 6 ? all : undefined;
      },
      { timeoutMs: 30_000 },
    );
    expect(times.filter((at) => at < pausedUntil)).toEqual([]);
  });

  const pauseOf = async (account: string) => {
    const [row] = await test.database.query<{ until: number }>({
      name: 'paused',
      text: `select extract(epoch from paused_until)::float8 as until from outbound_pace where account = $1 and paused_until > '-infinity'`,
      values: [account],
    });
    return row?.until;
  };

  it('says how long an account is held back, and nothing once it is not', async () => {
    const [outbound] = await replicas(1, new Provider(() => ({ kind: 'sent' })));
    if (outbound === undefined) throw new Error('no replica');
    await ask(slow.burst + 1, 'slow');
    const claims = [];
    for (let times = 0; times <= slow.burst; times += 1) claims.push(await outbound.claim('r0'));
    expect(claims.map((claimed) => claimed !== undefined)).toEqual([true, true, true, false]);
    expect(await outbound.heldForMs()).toBeLessThanOrEqual(1000 / slow.perSecond);
    await waitFor(async () => (await outbound.heldForMs()) === undefined);
    expect(await outbound.claim('r0')).toBeDefined();
  });
});
