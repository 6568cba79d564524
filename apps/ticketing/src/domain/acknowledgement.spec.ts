import { aFeedback } from '#testing';
import { type Channel, channels, type FeedbackReceived } from '#contracts';
import { acknowledgementChannel, mayAcknowledge } from './acknowledgement.js';
import { answerSubject } from './reply.js';

const now = new Date('2026-03-10T08:00:00Z');
const live: Partial<FeedbackReceived> = { occurredAt: '2026-03-10T07:59:00Z' };
const via = (receivedVia: FeedbackReceived['provider']['receivedVia']) => ({
  provider: { name: 'imap', messageId: '<m@x>', receivedVia },
});

it.each<[string, Partial<FeedbackReceived>, boolean]>([
  ['a mail by poll', {}, true],
  ['a form by push', { channel: 'web_form', ...via('push') }, true],
  ['a backfill', via('backfill'), false],
  ['an import', via('import'), false],
  ['a replay', via('replay'), false],
  ['what occurred 24 hours ago', { occurredAt: '2026-03-09T08:00:00Z' }, false],
  ['what occurred just less than that ago', { occurredAt: '2026-03-09T08:00:01Z' }, true],
  ['an automatic answer', { signals: { autoReply: 'auto_reply', flags: [] } }, false],
  ['a list', { signals: { autoReply: 'list', flags: [] } }, false],
  ['a sender that may be forged', { signals: { autoReply: 'none', dmarc: 'fail', flags: [] } }, false],
  ['spam', { signals: { autoReply: 'none', spam: true, flags: [] } }, false],
  ['an echo', { kind: 'echo' }, false],
  ['a comment', { kind: 'comment' }, false],
  ['a call', { kind: 'call' }, false],
  ['STOP', { signals: { autoReply: 'none', flags: ['opt_out'] } }, false],
])('%s: %s', (_, overrides, expected) => {
  expect(mayAcknowledge(aFeedback({ ...live, ...overrides }), now)).toBe(expected);
});

const rules = {
  ...{ enabled: true, formAccount: 'support', defaultLanguage: 'vi', channels: new Set<Channel>(['email']) },
  quiet: { from: 21 * 60, to: 7 * 60, zone: 'Asia/Ho_Chi_Minh', holidays: new Set<string>() },
};
const every = { ...rules, channels: new Set<Channel>(channels) };
const day = new Date('2026-11-23T12:00:00+07:00');
const night = new Date('2026-11-23T22:00:00+07:00');

it.each<[string, Channel, string, typeof rules, Date, Channel | undefined]>([
  ['a mail', 'email', 'email', rules, night, 'email'],
  ['a form with an address', 'web_form', 'email', rules, night, 'email'],
  ['a form with a number', 'web_form', 'phone', every, day, undefined],
  ['a chat where only mail is allowed', 'zalo', 'handle', rules, day, undefined],
  ['a chat by day', 'zalo', 'handle', every, day, 'zalo'],
  ['a chat by night', 'zalo', 'handle', every, night, undefined],
  ['an SMS by day', 'sms', 'phone', every, day, 'sms'],
  ['an SMS by night', 'sms', 'phone', every, night, undefined],
  ['a chat that makes no noise', 'telegram', 'handle', every, night, 'telegram'],
  ['a comment, in public', 'facebook_comment', 'handle', every, day, undefined],
  ['a call', 'phone', 'phone', every, day, undefined],
])('%s is acknowledged by the channel that is allowed', (_, channel, kind, used, at, expected) => {
  expect(acknowledgementChannel(aFeedback({ channel }), { kind }, used, at)).toBe(expected);
});

it.each([
  ['Mất kết nối', 'Re: Mất kết nối [PH-7]'],
  ['Re: RE: Mất kết nối', 'Re: Mất kết nối [PH-7]'],
  ['Trả lời: Mất kết nối [PH-7]', 'Re: Mất kết nối [PH-7]'],
  [null, 'Re: [PH-7]'],
])('answers %j as %j', (subject, expected) => {
  expect(answerSubject(subject, 'PH-7')).toBe(expected);
});
