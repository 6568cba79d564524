import { aFeedback } from '#testing';
import { contracts, type FeedbackReceived } from '#contracts';
import { consentWordOf } from './consent.js';
import { type EndedCall, readCall } from './call.js';
import type { PhoneContext, Read } from './context.js';
import { e164Of } from './number.js';
import { segmentsOf } from './segments.js';
import { readSms } from './sms.js';

const context: PhoneContext = {
  ...{ secret: 's'.repeat(32), account: 'sms', line: '+842363888999', provider: 'twilio', receivedVia: 'push' },
  receivedAt: new Date('2026-11-22T03:00:00Z'),
};
const eventOf = (read: Read): FeedbackReceived => {
  if (read.kind !== 'event') throw new Error(read.kind);
  return contracts.feedbackReceived.schema.parse({ ...read.event, raw: aFeedback().raw });
};

it.each([
  ['0901234567', '+84901234567'],
  ['+84 90 123 45 67', '+84901234567'],
  ['84901234567', '+84901234567'],
  ['01201234567', '+84701234567'],
  ['+841212345678', '+84792345678'],
  ['0123 234 5678', '+84832345678'],
  ['01692345678', '+84392345678'],
  ['0186.234.5678', '+84562345678'],
  ['01992345678', '+84592345678'],
  ['02363888999', '+842363888999'],
  ['+14158675310', '+14158675310'],
  ['anonymous', undefined],
  ['+266696687', undefined],
  ['', undefined],
  ['VIETTEL', undefined],
  ['0123', undefined],
  ['9'.repeat(5_000), undefined],
  ['\u0000', undefined],
])('the number %j is %s', (text, number) => {
  expect(e164Of(text)).toBe(number);
});

it.each([
  ['STOP', 'stop'],
  [' stop. ', 'stop'],
  ['Từ chối', 'stop'],
  ['TU CHOI', 'stop'],
  ['Dừng', 'stop'],
  ['đúng', undefined],
  ['dung', undefined],
  ['Huy', undefined],
  ['Please stop', undefined],
  ['START', 'start'],
  ['Đăng ký', 'start'],
  ['Trợ giúp', 'help'],
  ['constructor', undefined],
  ['a'.repeat(100_000), undefined],
])('the message %j says %s', (text, word) => {
  expect(consentWordOf(text)).toBe(word);
});

it.each([
  ['a'.repeat(160), 'GSM-7', 1],
  ['a'.repeat(161), 'GSM-7', 2],
  ['€'.repeat(80), 'GSM-7', 1],
  ['€'.repeat(81), 'GSM-7', 2],
  ['ệ'.repeat(70), 'UCS-2', 1],
  ['ệ'.repeat(71), 'UCS-2', 2],
  ['😀'.repeat(35), 'UCS-2', 1],
  // 67 units hold 33 of them: a pair is not cut.
  ['😀'.repeat(66), 'UCS-2', 2],
  ['😀'.repeat(67), 'UCS-2', 3],
  // 153 septets hold 76 of them.
  ['€'.repeat(152), 'GSM-7', 2],
  ['€'.repeat(153), 'GSM-7', 3],
  ['a'.repeat(306), 'GSM-7', 2],
  ['a'.repeat(307), 'GSM-7', 3],
  ['Quý khách', 'UCS-2', 1],
  ['', 'GSM-7', 1],
])('%#: counts segments', (text, alphabet, count) => {
  expect(segmentsOf(text)).toEqual({ alphabet, count });
});

describe('a short message', () => {
  const message = { messageId: 'SM1', from: '+84901234567', to: '+842363888999', text: 'x' };

  it.each([
    ['NUL', 'a\u0000b', 'ab', []],
    ['a lone surrogate', 'a\ud800b', 'a\ufffdb', []],
    ['marks apart from their letters', 'Mâ\u0301t', 'Mất', []],
    ['a megabyte', 'ệ'.repeat(400_000), 'ệ'.repeat(21_845), ['truncated']],
    ['nothing', '', '', []],
  ])('with %s becomes a valid event', (_, text, clean, flags) => {
    const event = eventOf(readSms({ ...message, text }, context));
    expect([event.text, event.signals.flags]).toEqual([clean, flags]);
  });

  it.each([
    ['2026-11-22T02:59:00Z', '2026-11-22T02:59:00.000Z', []],
    ['1795316340', '2026-11-22T02:59:00.000Z', []],
    ['2027-01-01T00:00:00Z', '2026-11-22T03:00:00.000Z', ['time_clamped']],
    ['0001-01-01T00:00:00Z', '2026-11-22T03:00:00.000Z', ['time_clamped']],
    ['1e999', '2026-11-22T03:00:00.000Z', ['time_clamped']],
  ])('sent at %s happened at %s', (at, occurredAt, flags) => {
    const event = eventOf(readSms({ ...message, at }, context));
    expect([event.occurredAt, event.signals.flags]).toEqual([occurredAt, flags]);
  });

  it('of a name, which cannot be answered, is anonymous and never merged with another', () => {
    const [one, two] = ['SM1', 'SM2'].map((messageId) =>
      eventOf(readSms({ ...message, messageId, from: 'BANK' }, context)),
    );
    expect(one?.author).toEqual({ verified: false, displayName: 'BANK' });
    expect(one?.conversationKey).not.toBe(two?.conversationKey);
  });

  it.each([[''], ['x'.repeat(201)]])('with the id %j is not understood', (messageId) => {
    expect(readSms({ ...message, messageId }, context).kind).toBe('unreadable');
  });
});

describe('a call', () => {
  const ended: EndedCall = {
    direction: 'inbound',
    from: '0901234567',
    to: '02363888999',
    startedAt: '2026-11-22T02:00:00Z',
    durationSeconds: 30,
    outcome: 'answered',
    verified: true,
  };

  it('without an id of its own is the same call by numbers, start and length', () => {
    const ids = [ended, { ...ended, from: '+84901234567' }, { ...ended, durationSeconds: 31 }].map(
      (call) => eventOf(readCall(call, context)).id,
    );
    expect([ids[0] === ids[1], ids[0] === ids[2]]).toEqual([true, false]);
  });

  it.each([
    ['inbound', 'missed', ['missed_call']],
    ['inbound', 'busy', ['missed_call']],
    ['inbound', 'answered', []],
    ['outbound', 'missed', []],
  ] as const)('%s and %s has the flags %j', (direction, outcome, flags) => {
    expect(eventOf(readCall({ ...ended, direction, outcome }, context)).signals.flags).toEqual(flags);
  });

  it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])(
    'of %d seconds is not understood',
    (durationSeconds) => {
      expect(readCall({ ...ended, durationSeconds }, context).kind).toBe('unreadable');
    },
  );
});
