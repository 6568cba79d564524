import { placeOf, planAnswer, type Question } from './question.js';
import { dimensionSets } from './dimensions.js';

const day: Question = {
  metrics: ['tickets_opened'],
  groupBy: [],
  granularity: 'day',
  from: Date.parse('2026-11-01T00:00:00+07:00'),
  to: Date.parse('2026-11-22T00:00:00+07:00'),
  zone: 'Asia/Ho_Chi_Minh',
  filters: {},
};
const zones = ['Asia/Ho_Chi_Minh', 'UTC'];
const [channelAccount, channelTeam, teamAgent, categoryPriority, segment] = dimensionSets;

it.each<[string, Partial<Question>, object]>([
  ['whole local days', {}, { from: 'days', set: channelAccount }],
  ['by channel', { groupBy: ['channel'] }, { from: 'days', set: channelAccount }],
  ['by team, of a channel', { groupBy: ['team'], filters: { channel: ['email'] } }, { from: 'days', set: channelTeam }],
  ['by agent', { groupBy: ['agent'] }, { from: 'days', set: teamAgent }],
  ['by priority', { groupBy: ['priority'] }, { from: 'days', set: categoryPriority }],
  ['by segment', { groupBy: ['segment'] }, { from: 'days', set: segment }],
  ['by hour', { granularity: 'hour' }, { from: 'quarters', set: channelAccount }],
  ['by hour of the week', { granularity: 'weekday_hour' }, { from: 'quarters', set: channelAccount }],
  ['a zone without day cells', { zone: 'Asia/Tokyo' }, { from: 'quarters', set: channelAccount }],
  ['days of another zone', { zone: 'UTC' }, { from: 'quarters', set: channelAccount }],
  ['an instant between quarters', { to: day.to + 1 }, { from: 'facts' }],
  ['across the sets', { groupBy: ['channel', 'priority'] }, { from: 'facts' }],
  ['by organization', { groupBy: ['organization'] }, { from: 'facts' }],
  ['feedback by account', { metrics: ['feedback_count'], groupBy: ['account'] }, { from: 'days', set: channelAccount }],
])('answers %s', (_name, changed, expected) => {
  expect(planAnswer({ ...day, ...changed }, zones)).toEqual(expected);
});

it.each<[string, Partial<Question>, string]>([
  ['feedback by team', { metrics: ['tickets_opened', 'feedback_count'], groupBy: ['team'] }, 'dimension_unavailable'],
  ['feedback of a priority', { metrics: ['feedback_count'], filters: { priority: ['low'] } }, 'dimension_unavailable'],
  ['a stock by hour of the week', { metrics: ['backlog'], granularity: 'weekday_hour' }, 'metric_unavailable'],
])('refuses %s', (_name, changed, code) => {
  expect(planAnswer({ ...day, ...changed }, zones)).toMatchObject({ from: 'nowhere', code });
});

it('knows the place of a dimension in a cell', () => {
  expect([placeOf(channelTeam, 'channel'), placeOf(channelTeam, 'team')]).toEqual(['first', 'second']);
});
