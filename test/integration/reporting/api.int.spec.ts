import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { TicketChanged } from '#contracts';
import { aFeedback } from '#testing';
import { metricNames } from '../../../apps/reporting/src/domain/metric-catalogue.js';
import { ticketLife } from '../../../apps/reporting/src/domain/ticket-lives.fixture.js';
import { ServiceUnderTest } from './service-under-test.js';

let service: ServiceUnderTest;

beforeAll(async () => {
  service = await ServiceUnderTest.start({ consuming: false });
  // Lives of 2026-03-01 to a few weeks later.
  await service.count(fc.sample(ticketLife, { numRuns: 150, seed: 11 }).flat());
  await service.receive(
    Array.from({ length: 30 }, (_, n) =>
      aFeedback({
        channel: n % 3 === 0 ? 'web_form' : 'email',
        account: n % 2 === 0 ? 'support' : '=cmd|calc',
        occurredAt: new Date(Date.UTC(2026, 2, 1 + (n % 10), n % 24, 7)).toISOString(),
        ...(n % 5 === 0 ? { signals: { autoReply: 'auto_reply', flags: [] } } : {}),
      }),
    ),
  );
}, 60_000);
afterAll(() => service.close());

const march = 'from=2026-03-01&to=2026-06-01';
type Numbers = Record<string, unknown>;
type Row = Numbers & { bucket: string };

async function report(parameters: string): Promise<{ rows: Row[]; totals: Numbers }> {
  const { status, body } = await service.get(`/api/v1/reports?${parameters}`);
  expect({ status, code: body.code }).toEqual({ status: 200, code: undefined });
  return body as never;
}

async function exported(parameters: string): Promise<Numbers[]> {
  const { status, text } = await service.get(`/api/v1/reports/export?format=ndjson&${parameters}`);
  expect(status).toBe(200);
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Numbers);
}

async function drilledDown(parameters: string): Promise<{ value: unknown; items: Numbers[] }> {
  const items: Numbers[] = [];
  for (let cursor = ''; ; ) {
    const { status, body } = await service.get(`/api/v1/reports/drilldown?limit=7&${parameters}${cursor}`);
    expect(status).toBe(200);
    items.push(...(body.items as Numbers[]));
    if (body.nextCursor === undefined) return { value: body.value, items };
    cursor = `&cursor=${body.nextCursor as string}`;
  }
}

const sum = (rows: readonly Numbers[], name: string) => rows.reduce((total, row) => total + Number(row[name] ?? 0), 0);

const counts = ['tickets_opened', 'tickets_resolved'];
const times = ['first_response_time', 'next_response_time', 'resolution_time'];
const shares = ['one_touch_rate', 'transfer_rate', 'reopen_rate', 'replies_delivered_rate'];
const filters = [
  '',
  '&filter.channel=email',
  '&filter.team=none',
  '&filter.priority=urgent&filter.channel=email,web_form',
];

describe('the same question gives the same number as a report, an export and a drill-down', () => {
  it.each(filters.flatMap((filter) => [...counts, ...times, ...shares].map((name) => [name, filter] as const)))(
    '%s%s',
    async (name, filter) => {
      const parameters = `metrics=${name}&${march}${filter}`;
      const [answer, rows, drilldown] = [
        await report(parameters),
        await exported(parameters),
        await drilledDown(parameters),
      ];
      const value = answer.totals[name] as { count: number; mean: number | null } | number | null;
      expect(drilldown.value).toEqual(value);
      const behind = { count: sum(drilldown.items, 'count'), hits: sum(drilldown.items, 'hits') };
      expect({ count: sum(rows, 'count'), hits: sum(rows, 'hits') }).toEqual(behind);
      if (counts.includes(name)) expect(behind.count).toBe(value);
      else if (shares.includes(name)) {
        expect(value).toBe(behind.count === 0 ? null : Math.round((behind.hits / behind.count) * 1e6) / 1e6);
      } else {
        const seconds = Math.round(sum(rows, 'seconds') * 1000);
        const mean = behind.count === 0 ? null : Math.round(seconds / behind.count) / 1000;
        expect(value).toMatchObject({ count: behind.count, mean });
      }
    },
  );

  it.each(['feedback_count', 'automatic_feedback_count'])('%s', async (name) => {
    const parameters = `metrics=${name}&${march}&filter.channel=email`;
    const [answer, rows, drilldown] = [
      await report(parameters),
      await exported(parameters),
      await drilledDown(parameters),
    ];
    expect([rows.length, drilldown.items.length, drilldown.value]).toEqual(Array(3).fill(answer.totals[name]));
    expect(new Set(drilldown.items.map(({ eventId }) => eventId))).toEqual(new Set(rows.map(({ eventId }) => eventId)));
  });

  it('backlog, in its drill-down', async () => {
    const parameters = 'metrics=backlog&from=2026-03-01&to=2026-03-14&filter.channel=email';
    const [answer, drilldown] = [await report(parameters), await drilledDown(parameters)];
    expect([drilldown.items.length, drilldown.value]).toEqual(Array(2).fill(answer.totals.backlog));
  });
});

describe('one question, however it is answered', () => {
  const all = metricNames.filter((name) => !name.includes('feedback_count')).join(',');

  it.each(['hour', 'day', 'week', 'month'])('cells and facts agree by %s', async (granularity) => {
    const asked = `metrics=${all}&groupBy=channel&granularity=${granularity}&from=2026-03-02&to=2026-04-20`;
    const [days, quarters, facts] = [
      await report(asked),
      await report(`${asked}&tz=Asia/Bangkok`),
      await report(`${asked}&filter.organization=none,${organizations}`),
    ];
    expect({ rows: quarters.rows, totals: quarters.totals }).toEqual({ rows: days.rows, totals: days.totals });
    expect(facts).toEqual(days);
  });

  it('hours of the week add up to the whole', async () => {
    const asked = `metrics=tickets_opened,resolution_time&${march}`;
    const [week, days] = [await report(`${asked}&granularity=weekday_hour`), await report(asked)];
    expect(week.totals).toEqual(days.totals);
    expect(week.rows.every(({ bucket }) => /^[1-7]T([01]\d|2[0-3])$/.test(bucket))).toBe(true);
    expect(sum(week.rows, 'tickets_opened')).toBe(days.totals.tickets_opened);
  });

  it('groups add up to the whole, in every dimension', async () => {
    const whole = (await report(`metrics=tickets_opened,tickets_resolved,backlog&${march}`)).totals;
    for (const dimension of [
      'channel',
      'account',
      'team',
      'agent',
      'category',
      'priority',
      'organization',
      'segment',
    ]) {
      const { rows, totals } = await report(
        `metrics=tickets_opened,tickets_resolved,backlog&groupBy=${dimension}&${march}`,
      );
      expect(totals).toEqual(whole);
      expect({ opened: sum(rows, 'tickets_opened'), resolved: sum(rows, 'tickets_resolved') }).toEqual({
        opened: whole.tickets_opened,
        resolved: whole.tickets_resolved,
      });
      const last = rows.filter(({ bucket }) => bucket === rows.at(-1)!.bucket);
      expect(sum(last, 'backlog')).toBe(whole.backlog);
    }
  });

  it('instants between quarters are honoured to the millisecond', async () => {
    const rows = await exported(`metrics=tickets_opened&${march}&tz=UTC`);
    const third = new Date(String(rows.at(-3)!.at)).toISOString();
    const { totals } = await report(
      `metrics=tickets_opened,feedback_count&from=2026-03-01T00:00:00Z&to=${third}&tz=UTC`,
    );
    expect(totals.tickets_opened).toBe(rows.filter(({ at }) => Date.parse(String(at)) < Date.parse(third)).length);
  });

  it('a bucket of a report opens into its tickets', async () => {
    const { rows } = await report(`metrics=tickets_opened&${march}&granularity=week`);
    for (const { bucket, tickets_opened: opened } of rows) {
      const { value, items } = await drilledDown(`metrics=tickets_opened&${march}&granularity=week&bucket=${bucket}`);
      expect([value, sum(items, 'count')]).toEqual([opened, opened]);
    }
  });
});

const organizations = [1, 2, 3].map((n) => `dd000000-0000-4000-8000-00000000000${n}`).join(',');

describe('a life that is known', () => {
  const account = 'known';
  const ticketId = randomUUID();
  const snapshot = { channel: 'email' as const, account, priority: 'normal' as const, status: 'open' as const };
  const fact = (sequence: number, at: string, carried: object) =>
    ({
      id: randomUUID(),
      ticketId,
      number: 'PH-9',
      sequence,
      at,
      actor: { kind: 'agent' },
      snapshot,
      ...carried,
    }) as TicketChanged;

  it('is counted as care.md defines', async () => {
    const resolution = { seconds: 7200, touches: 1, transfers: 0 };
    await service.count([
      fact(1, '2026-08-03T01:00:00Z', { type: 'opened', firstOf: 'new' }),
      fact(2, '2026-08-03T02:00:00Z', {
        type: 'responded',
        clock: 'first',
        waitSeconds: 3600,
        messageId: randomUUID(),
      }),
      fact(3, '2026-08-03T03:00:00Z', {
        type: 'resolved',
        ...resolution,
        snapshot: { ...snapshot, status: 'resolved' },
      }),
      fact(4, '2026-08-05T03:00:00Z', {
        type: 'reopened',
        ...resolution,
        retracts: randomUUID(),
        retractedAt: '2026-08-03T03:00:00Z',
        retractedSnapshot: { ...snapshot, status: 'resolved' },
      }),
    ]);
    const metrics = 'tickets_opened,tickets_resolved,backlog,first_response_time,reopen_rate,one_touch_rate';
    const answer = await report(`metrics=${metrics}&from=2026-08-03&to=2026-08-07&filter.account=${account}`);
    const none = { count: 0, mean: null, p50: null, p90: null, p95: null };
    const quiet = {
      tickets_opened: 0,
      tickets_resolved: 0,
      first_response_time: none,
      reopen_rate: null,
      one_touch_rate: null,
    };
    const response = { count: 1, mean: 3600, p50: 3578.496, p90: 3578.496, p95: 3578.496 };
    expect(answer).toMatchObject({
      from: '2026-08-02T17:00:00.000Z',
      to: '2026-08-06T17:00:00.000Z',
      tz: 'Asia/Ho_Chi_Minh',
      granularity: 'day',
      hours: 'calendar',
      rows: [
        {
          bucket: '2026-08-03',
          ...quiet,
          tickets_opened: 1,
          backlog: 0,
          first_response_time: response,
          reopen_rate: 1,
        },
        { bucket: '2026-08-05', ...quiet, backlog: 1 },
        { bucket: '2026-08-06', ...quiet, backlog: 1 },
      ],
      totals: { ...quiet, tickets_opened: 1, backlog: 1, first_response_time: response, reopen_rate: 1 },
    });
  });
});

describe('files', () => {
  it('are CSV with a mark for Excel and cells that no spreadsheet runs', async () => {
    const { headers, text } = await service.get(
      `/api/v1/reports?metrics=feedback_count,reliability&groupBy=account&${march}&format=csv&granularity=month`,
    );
    expect(headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(text.split('\r\n')[0]).toBe(
      '\ufeffbucket,account,feedback_count,reliability_replies_delivered,reliability_resolutions_not_reopened,reliability_ledger_balanced',
    );
    expect(text).toContain("\r\n2026-03,'=cmd|calc,");
  });

  it('hold the rows of an export under one header', async () => {
    const { text } = await service.get(
      `/api/v1/reports/export?metrics=feedback_count,tickets_opened&${march}&filter.account=%3Dcmd%7Ccalc`,
    );
    const [header, ...lines] = text.trimEnd().split('\r\n');
    expect(header).toBe(
      '\ufeffmetric,at,ticket,ticketId,eventId,channel,account,team,agent,category,priority,organization,segment,count,hits,seconds',
    );
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.every((line) => line.startsWith('feedback_count,2026-03-') && line.includes(",'=cmd|calc,"))).toBe(
      true,
    );
  });
});
