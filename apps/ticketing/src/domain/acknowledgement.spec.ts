import { aFeedback } from '#testing';
import type { FeedbackReceived } from '#contracts';
import { mayAcknowledge } from './acknowledgement.js';
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
  ['a chat', { channel: 'zalo', ...via('push') }, false],
])('%s: %s', (_, overrides, expected) => {
  expect(mayAcknowledge(aFeedback({ ...live, ...overrides }), now)).toBe(expected);
});

it.each([
  ['Mất kết nối', 'Re: Mất kết nối [PH-7]'],
  ['Re: RE: Mất kết nối', 'Re: Mất kết nối [PH-7]'],
  ['Trả lời: Mất kết nối [PH-7]', 'Re: Mất kết nối [PH-7]'],
  [null, 'Re: [PH-7]'],
])('answers %j as %j', (subject, expected) => {
  expect(answerSubject(subject, 'PH-7')).toBe(expected);
});
