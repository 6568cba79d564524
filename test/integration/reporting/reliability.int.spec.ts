import fc from 'fast-check';
import type { AppCount } from '../../../apps/reporting/src/domain/ledger-fold.js';
import { LedgerRepository } from '../../../apps/reporting/src/store/ledger.repository.js';
import { LedgerQuarters1796110000000 } from '../../../apps/reporting/src/store/migrations/1796110000000-ledger-quarters.js';
import { ServiceUnderTest } from './service-under-test.js';

const hourMs = 3_600_000;
const start = Date.parse('2026-03-01T00:00:00Z');
const range = 'from=2026-03-01&to=2026-03-04&tz=UTC';
const few = fc.integer({ min: 0, max: 5 });

/** What intakes and consumers counted in some minutes of three days: some balance, some lost an end, some have one too many. */
const aCount: fc.Arbitrary<AppCount> = fc
  .record({
    minute: fc.integer({ min: 0, max: 72 * 60 - 1 }).map((minute) => new Date(start + minute * 60_000).toISOString()),
    source: fc.constantFrom('zalo:oa', 'zalo:oa:of a branch', 'email:support', 'web_form'),
    isConsumer: fc.boolean(),
    ...{ began: few, one: few, other: few },
  })
  .map(({ minute, source, isConsumer, began, one, other }) =>
    isConsumer
      ? { minute, source, app: 'ticketing', read: began, stored: one, duplicate: other }
      : { minute, source, app: 'an-intake', received: began, published: one, quarantined: other },
  );

let service: ServiceUnderTest;
beforeAll(async () => {
  service = await ServiceUnderTest.start({ consuming: false });
  const { database } = service.db;
  const counts = fc.sample(aCount, { numRuns: 1_500, seed: 7 });
  const ledger = new LedgerRepository(database);
  for (let from = 0; from < counts.length; from += 100) {
    // As the fold leaves them: one of each key in a statement.
    const batch = new Map(counts.slice(from, from + 100).map((one) => [`${one.minute} ${one.source} ${one.app}`, one]));
    await database.transaction((tx) => ledger.addCounts(tx, [...batch.values()]));
  }
}, 60_000);
afterAll(() => service.close());

/** The share by a second way: from the minutes that lie in the table. */
async function recount(fits: (row: { at: number; channel: string; account: string }) => boolean) {
  const rows = await service.db.dataSource.query<Record<string, unknown>[]>('select * from ledger_count');
  const quarters = new Map<string, { began: number; ended: number }>();
  for (const row of rows) {
    const [channel = '', ...account] = String(row['source']).split(':');
    if (!fits({ at: (row['minute'] as Date).getTime(), channel, account: account.join(':') })) continue;
    const sum = (...names: string[]) => names.reduce((total, name) => total + Number(row[name]), 0);
    const quarter = Math.floor((row['minute'] as Date).getTime() / 900_000);
    const key = [quarter, row['source'], row['app']].join(' ');
    const { began, ended } = quarters.get(key) ?? { began: 0, ended: 0 };
    const more = { began: sum('received', 'read'), ended: sum('published', 'quarantined', 'stored', 'duplicate') };
    quarters.set(key, { began: began + more.began, ended: ended + more.ended });
  }
  const total = (of: (...counts: number[]) => number) =>
    [...quarters.values()].reduce((all, { began, ended }) => all + of(began, ended), 0);
  const [accounted, counted] = [total(Math.min), total(Math.max)];
  return counted === 0 ? null : Math.round((accounted / counted) * 1e6) / 1e6;
}

type Row = Record<string, unknown> & { readonly reliability: { readonly ledger_balanced: number | null } };
async function report(parameters: string): Promise<{ rows: Row[]; totals: Row }> {
  const { status, body } = await service.get(`/api/v1/reports?metrics=reliability&${range}&${parameters}`);
  expect(status).toBe(200);
  return body as never;
}

describe('the share of the ledger in reliability', () => {
  it('is a recount of its minutes, altogether and by day and account', async () => {
    const { rows, totals } = await report('groupBy=channel,account&granularity=day');
    expect(totals.reliability.ledger_balanced).toBe(await recount(() => true));
    expect(rows).toHaveLength(3 * 4);
    for (const { bucket, channel, account, reliability } of rows) {
      const day = Date.parse(`${String(bucket)}T00:00:00Z`);
      const share = await recount(
        (row) =>
          row.at >= day && row.at < day + 24 * hourMs && row.channel === channel && row.account === (account ?? ''),
      );
      expect([bucket, channel, account, reliability.ledger_balanced]).toEqual([bucket, channel, account, share]);
    }
  });

  it('is a recount also of one account, by hours and where the question begins in the middle of one', async () => {
    const { rows, totals } = await report('filter.account=oa:of a branch&granularity=hour');
    const ofBranch = (from: number, to: number) =>
      recount(({ at, account }) => at >= from && at < to && account === 'oa:of a branch');
    expect(totals.reliability.ledger_balanced).toBe(await ofBranch(start, start + 72 * hourMs));
    expect(rows.length).toBeGreaterThan(10);
    for (const { bucket, reliability } of rows) {
      const hour = Date.parse(String(bucket));
      expect(reliability.ledger_balanced).toBe(await ofBranch(hour, hour + hourMs));
    }
    const odd =
      '/api/v1/reports?metrics=reliability&from=2026-03-01T00:07:00Z&to=2026-03-02T11:52:00Z&granularity=month';
    const [from, to] = [start + 7 * 60_000, Date.parse('2026-03-02T11:52:00Z')];
    expect((await service.get(odd)).body.totals).toEqual({
      reliability: {
        replies_delivered: null,
        resolutions_not_reopened: null,
        ledger_balanced: await recount(({ at }) => at >= from && at < to),
      },
    });
  });

  it.each(['groupBy=team', 'filter.priority=urgent', 'groupBy=channel,agent'])(
    'is not known by %s, which a ledger does not count by',
    async (parameters) => {
      expect((await report(parameters)).totals.reliability.ledger_balanced).toBeNull();
    },
  );

  it('is explained in the catalogue, under a new version', async () => {
    const { items } = (await service.get('/api/v1/metrics')).body as { items: { name: string }[] };
    expect(items.find(({ name }) => name === 'reliability')).toMatchObject({
      version: 2,
      definition: expect.stringContaining('ledger balanced') as string,
    });
  });
});

it('quarters are made of the minutes that were counted before there were any', async () => {
  const { dataSource } = service.db;
  const read = () => dataSource.query<object[]>('select * from ledger_quarter order by quarter, source, app');
  const before = await read();
  const runner = dataSource.createQueryRunner();
  try {
    const migration = new LedgerQuarters1796110000000();
    await migration.down(runner);
    await migration.up(runner);
  } finally {
    await runner.release();
  }
  expect(before.length).toBeGreaterThan(100);
  expect(await read()).toEqual(before);
});
