import type { Ticket } from './api.js';
import { faultOf, fallbackOf, settledAnswer } from './judge.js';

const expected = { channel: 'telegram', to: '7', inReplyTo: '12' };
const answer = { to: '7', text: 'Yêu cầu PH-1 đã xong (a-1)', inReplyTo: '12' };

it.each([
  ['is right, once', [answer], undefined],
  ['has not come', [], 'the answer has not come'],
  ['came twice', [answer, answer], 'the answer came 2 times'],
  ['went to somebody else', [{ ...answer, to: '8' }], 'the answer went to 8 instead of 7'],
  ['names no ticket', [{ ...answer, text: 'xong' }], 'the answer does not name PH-1'],
  ['stands alone', [{ to: '7', text: answer.text }], 'the answer refers to nothing instead of 12'],
  ['is shown below another', [{ ...answer, inReplyTo: '11' }], 'the answer refers to 11 instead of 12'],
])('an answer that %s', (_, received, fault) => {
  expect(faultOf(expected, received, 'PH-1')).toBe(fault);
});

it('where the channel knows no references, none is asked for', () => {
  expect(faultOf({ channel: 'sms', to: '7' }, [{ to: '7', text: 'PH-1' }], 'PH-1')).toBeUndefined();
});

const ticket = (messages: Ticket['messages'], timeline: Ticket['timeline'] = []) =>
  ({ messages, timeline }) as unknown as Ticket;

it('an answer has left when the provider took it, whatever a machine sent before', () => {
  const automatic = { direction: 'outbound', automatic: true, text: '', delivery: { state: 'sent' } } as const;
  const ours = (state: string) => ({ ...automatic, automatic: false, delivery: { state } });
  expect(settledAnswer(ticket([automatic, ours('queued')]))).toBeUndefined();
  expect(settledAnswer(ticket([automatic, ours('delivered')]))).toEqual(ours('delivered'));
});

it('the reason of a fallback is read off the timeline', () => {
  const requested = {
    type: 'reply_requested',
    details: { channel: 'sms', insteadOf: 'zalo', fallback: 'window_closed' },
  };
  expect(fallbackOf(ticket([], [{ type: 'opened', details: {} }, requested]))).toEqual({
    channel: 'sms',
    reason: 'window_closed',
  });
  expect(fallbackOf(ticket([]))).toBeUndefined();
});
