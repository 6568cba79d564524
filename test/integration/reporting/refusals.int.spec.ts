import { randomUUID } from 'node:crypto';
import { listRouteAccess } from '#auth';
import type { Role } from '#contracts';
import { metricNames } from '../../../apps/reporting/src/domain/metric-catalogue.js';
import { ServiceUnderTest } from './service-under-test.js';

let service: ServiceUnderTest;

beforeAll(async () => {
  service = await ServiceUnderTest.start({ consuming: false });
}, 60_000);
afterAll(() => service.close());

const march = 'from=2026-03-01&to=2026-06-01';
const ok = `metrics=tickets_opened&${march}`;
describe('bad questions are refused with a stable code', () => {
  it.each([
    ['reports', march, 'metrics', 'required'],
    ['reports', `metrics=happiness&${march}`, 'metrics', 'unknown_metric'],
    ['reports', `metrics=__proto__&${march}`, 'metrics', 'unknown_metric'],
    ['reports', 'metrics=tickets_opened&to=2026-03-01', 'from', 'required'],
    ['reports', 'metrics=tickets_opened&from=yesterday&to=2026-03-01', 'from', 'invalid_time'],
    ['reports', 'metrics=tickets_opened&from=2026-02-31&to=2026-03-01', 'from', 'invalid_time'],
    ['reports', 'metrics=tickets_opened&from=0001-01-01&to=2026-03-01', 'from', 'time_out_of_range'],
    ['reports', 'metrics=tickets_opened&from=2026-03-01&to=9999-12-31', 'to', 'time_out_of_range'],
    ['reports', 'metrics=tickets_opened&from=2026-03-01&to=2026-03-01', 'to', 'not_after_from'],
    ['reports', 'metrics=tickets_opened&from=2026-03-01T00:00:00&to=2026-03-02', 'from', 'invalid_time'],
    ['reports', 'metrics=tickets_opened&from=2026-03-01&from=2026-03-01&to=2026-03-02', 'from', 'given_twice'],
    ['reports', `${ok}&tz=Mars/Olympus`, 'tz', 'unknown_time_zone'],
    ['reports', `${ok}&tz=%27%3B drop table fact`, 'tz', 'unknown_time_zone'],
    ['reports', `${ok}&tz=UTC%2B7`, 'tz', 'unknown_time_zone'],
    ['reports', `${ok}&granularity=minute`, 'granularity', 'unknown_granularity'],
    ['reports', `${ok}&groupBy=channel,password`, 'groupBy', 'unknown_dimension'],
    ['reports', `${ok}&groupBy=channel;drop table fact`, 'groupBy', 'unknown_dimension'],
    ['reports', `${ok}&hours=happy`, 'hours', 'unknown_hours'],
    ['reports', `${ok}&format=xlsx`, 'format', 'unknown_format'],
    ['reports', `${ok}&filter.team=%00`, 'filter.team', 'invalid_value'],
    ['reports', `${ok}&filter.team=${'a,'.repeat(60)}`, 'filter.team', 'too_many_values'],
    ['reports', `${ok}&filter.mood=good`, 'filter.mood', 'unknown_parameter'],
    ['reports', `${ok}&limit=5`, 'limit', 'unknown_parameter'],
    ['reports/drilldown', `${ok}&limit=1e9`, 'limit', 'limit_out_of_range'],
    ['reports/drilldown', `${ok}&limit=0`, 'limit', 'limit_out_of_range'],
    ['reports/drilldown', `metrics=tickets_opened,backlog&${march}`, 'metrics', 'more_than_one_metric'],
    ['reports/export', `${ok}&format=json`, 'format', 'unknown_format'],
  ])('%s?%s: %s %s', async (path, parameters, field, code) => {
    const { status, headers, body } = await service.get(`/api/v1/${path}?${parameters}`);
    expect([status, headers['content-type'], body.code]).toEqual([
      400,
      'application/problem+json; charset=utf-8',
      'validation_failed',
    ]);
    expect(body.errors).toEqual([{ field, code, message: expect.any(String) as string }]);
  });

  it.each([
    ['reports/drilldown', `${ok}&cursor=tampered`, 400, 'invalid_cursor'],
    [
      'reports/drilldown',
      `${ok}&cursor=${Buffer.from(`9${'9'.repeat(14)}9.${randomUUID()}`).toString('base64url')}`,
      400,
      'invalid_cursor',
    ],
    ['reports/drilldown', `${ok}&bucket=2031-01-01`, 400, 'unknown_bucket'],
    ['reports/drilldown', `metrics=reliability&${march}`, 422, 'metric_unavailable'],
    ['reports/export', `metrics=backlog&${march}`, 422, 'metric_unavailable'],
    ['reports', `${ok}&hours=business`, 422, 'metric_unavailable'],
    ['reports', `metrics=backlog&${march}&granularity=weekday_hour`, 422, 'metric_unavailable'],
    ['reports', `metrics=feedback_count&${march}&groupBy=team`, 422, 'dimension_unavailable'],
    ['reports/export', `metrics=feedback_count&${march}&filter.priority=low`, 422, 'dimension_unavailable'],
    ['reports', 'metrics=tickets_opened&from=2001-01-01&to=2099-01-01&granularity=hour', 422, 'too_wide'],
  ])('%s?%s: %d %s', async (path, parameters, status, code) => {
    const answer = await service.get(`/api/v1/${path}?${parameters}`);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  it.each(['backlog', 'reliability'])(
    'an export of %s is refused with the names of what can be exported',
    async (metric) => {
      const { status, body } = await service.get(`/api/v1/reports/export?metrics=${metric}&${march}`);
      const [reason, offered] = String(body.detail).split(' These can be exported: ');
      expect([status, reason?.startsWith(`${metric} is `)]).toEqual([422, true]);
      const names = offered?.slice(0, -1).split(', ') ?? [];
      const exports = names.map((name) => service.get(`/api/v1/reports/export?metrics=${name}&${march}`));
      expect((await Promise.all(exports)).map((answer) => answer.status)).toEqual(Array(names.length).fill(200));
      expect([...names, 'backlog', 'reliability'].sort()).toEqual([...metricNames].sort());
    },
  );

  it('names everything that is wrong at once', async () => {
    const { body } = await service.get('/api/v1/reports?metrics=x&groupBy=y&from=z');
    expect((body.errors as { field: string }[]).map(({ field }) => field)).toEqual([
      'metrics',
      'groupBy',
      'from',
      'to',
    ]);
  });
});

describe('access', () => {
  const paths = ['metrics', `reports?${ok}`, `reports/drilldown?${ok}`, `reports/export?${ok}`];
  it.each(
    paths.flatMap((path): [string, Role | undefined, number][] => [
      [path, 'admin', 200],
      [path, 'supervisor', 200],
      [path, 'analyst', 200],
      [path, 'agent', 403],
    ]),
  )('/api/v1/%s as %s: %d', async (path, role, status) => {
    expect((await service.get(`/api/v1/${path}`, role)).status).toBe(status);
  });

  it('needs a token everywhere but for the operator’s routes', async () => {
    const open = listRouteAccess(service.app).filter(({ access }) => access && 'public' in access);
    expect(open.map(({ route }) => route)).toEqual(['GET /health/live', 'GET /health/ready', 'GET /metrics']);
    const response = await service.app.inject({ method: 'GET', url: `/api/v1/reports?${ok}` });
    expect(response.statusCode).toBe(401);
  });
});

it('publishes its catalogue and its OpenAPI document', async () => {
  const { body } = await service.get('/api/v1/metrics');
  expect((body.items as { name: string }[]).map(({ name }) => name)).toEqual(metricNames);
  const document = (await service.get('/openapi.json')).body as { paths: Record<string, unknown> };
  expect(Object.keys(document.paths).filter((path) => path.startsWith('/api'))).toEqual([
    '/api/v1/metrics',
    '/api/v1/reports',
    '/api/v1/reports/drilldown',
    '/api/v1/reports/export',
    '/api/v1/ledger',
    '/api/v1/quarantine',
    '/api/v1/quarantine/{id}',
    '/api/v1/quarantine/{id}/bytes',
    '/api/v1/quarantine/{id}/replay',
    '/api/v1/quarantine/{id}/discard',
    '/api/v1/quarantine/replay',
    '/api/v1/quarantine/discard',
  ]);
});

describe('what cannot be answered now', () => {
  const blocked = async (work: () => Promise<void>) => {
    // Whoever holds the table makes a question wait longer than it may.
    await service.db.database.transaction(async (tx) => {
      await tx.execute('', 'lock table quarter_cell, day_cell in access exclusive mode');
      await work();
    });
  };

  it('is refused within the limit of time, and works again afterwards', async () => {
    await blocked(async () => {
      const { status, body } = await service.get(`/api/v1/reports?${ok}`);
      expect([
        [422, 'too_wide'],
        [503, 'unavailable'],
      ]).toContainEqual([status, body.code]);
    });
    expect((await service.get(`/api/v1/reports?${ok}`)).status).toBe(200);
  });

  it('is a 503 with a time to come back while the database is away', async () => {
    const url = new URL(service.db.adminUrl);
    const name = url.pathname.slice(1);
    await service.asAdmin(`alter database ${name} connection limit 0`);
    try {
      await service.asAdmin(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`);
      const { status, headers, body } = await service.get(`/api/v1/reports?${ok}`);
      expect([status, headers['retry-after'], body.code]).toEqual([503, '5', 'unavailable']);
    } finally {
      await service.asAdmin(`alter database ${name} connection limit -1`);
    }
    expect((await service.get(`/api/v1/reports?${ok}`)).status).toBe(200);
  });
});
