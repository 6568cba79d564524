import { type CountedGroup, composeAnswer } from './answer.js';
import { binOf } from './histogram.js';
import { noCounts } from './increments.js';
import { cellsOf, columnsOf, metricNames, metrics } from './metric-catalogue.js';
import type { Question } from './question.js';

const start = Date.parse('2026-11-20T00:00:00Z');
const dayMs = 86_400_000;
const question: Question = {
  metrics: ['tickets_opened', 'backlog', 'first_response_time', 'one_touch_rate', 'reliability'],
  groupBy: ['channel'],
  granularity: 'day',
  from: start,
  to: start + 3 * dayMs,
  zone: 'UTC',
  filters: {},
};
const counted = (day: number, channel: string, counts: object): CountedGroup => ({
  bucket: start + day * dayMs,
  group: [channel],
  counts: { ...noCounts(), ...counts },
});
const nothing = {
  tickets_opened: 0,
  first_response_time: { count: 0, mean: null, p50: null, p90: null, p95: null },
  one_touch_rate: null,
  reliability: { replies_delivered: null, resolutions_not_reopened: null, ledger_balanced: null },
};

it('composes rows and totals, carrying the backlog over days without facts', () => {
  const answer = composeAnswer(question, {
    groups: [
      counted(0, 'email', { opened: 3, backlog_change: 2, resolved: 1, one_touch: 1, reopened: 1 }),
      counted(2, 'email', { first_responses: 2, first_response_ms: 3_000, backlog_change: -4, replies_failed: 1 }),
    ],
    histograms: [
      {
        bucket: start + 2 * dayMs,
        group: ['email'],
        measure: 'first_response',
        addTo: (histogram) => {
          histogram.add(binOf(1_000), 1);
          histogram.add(binOf(2_000), 1);
        },
      },
    ],
    opening: [
      { group: ['email'], stock: 5 },
      { group: [''], stock: 1 },
    ],
  });
  const time = { count: 2, mean: 1.5, p50: 1.002, p90: 2.019, p95: 2.019 };
  const reliability = { replies_delivered: 0, resolutions_not_reopened: 0.5, ledger_balanced: null };
  const row = (bucket: string, channel: string | null, numbers: object) => ({
    bucket,
    channel,
    ...nothing,
    ...numbers,
  });
  expect(answer).toEqual({
    rows: [
      row('2026-11-20', null, { backlog: 1 }),
      row('2026-11-20', 'email', {
        tickets_opened: 3,
        backlog: 7,
        one_touch_rate: 1,
        reliability: { replies_delivered: null, resolutions_not_reopened: 0.5, ledger_balanced: null },
      }),
      row('2026-11-21', null, { backlog: 1 }),
      row('2026-11-21', 'email', { backlog: 7 }),
      row('2026-11-22', null, { backlog: 1 }),
      row('2026-11-22', 'email', {
        backlog: 3,
        first_response_time: time,
        reliability: { replies_delivered: 0, resolutions_not_reopened: null, ledger_balanced: null },
      }),
    ],
    totals: { tickets_opened: 3, backlog: 4, first_response_time: time, one_touch_rate: 1, reliability },
  });
});

it('names the hours of a week', () => {
  const week: Question = { ...question, metrics: ['tickets_opened'], groupBy: [], granularity: 'weekday_hour' };
  const groups = [{ bucket: 309, group: [], counts: { ...noCounts(), opened: 2 } }];
  expect(composeAnswer(week, { groups, histograms: [], opening: [] })).toEqual({
    rows: [{ bucket: '3T09', tickets_opened: 2 }],
    totals: { tickets_opened: 2 },
  });
});

it('is empty when nothing was counted', () => {
  expect(composeAnswer(question, { groups: [], histograms: [], opening: [] })).toEqual({
    rows: [],
    totals: { ...nothing, backlog: 0 },
  });
});

it.each(metricNames)('%s is defined, and fills as many columns as it has values', (name) => {
  const answer = composeAnswer({ ...question, metrics: [name] }, { groups: [], histograms: [], opening: [] });
  expect(metrics[name].definition).toMatch(/\.$/);
  expect(columnsOf(name)).toHaveLength(cellsOf(answer.totals[name]!).length);
});
