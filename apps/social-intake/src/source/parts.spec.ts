import type { SendOutcome } from '#intake';
import { sendInParts } from './parts.js';

const sent: SendOutcome = { kind: 'sent', messageId: 'last' };
const later: SendOutcome = {
  kind: 'not_sent',
  code: 'too_many_requests',
  permanent: false,
  detail: 'x',
  retryAfterMs: 7,
};
const never: SendOutcome = { kind: 'not_sent', code: 'message_rejected', permanent: true, detail: 'x' };
const silence: SendOutcome = { kind: 'uncertain', detail: 'x' };
const partly = '1 of 2 parts were sent; x';

it.each<[string, readonly (readonly SendOutcome[])[], SendOutcome, number]>([
  ['all were sent', [[sent], [sent]], sent, 0],
  ['the first is for later', [[later], [sent]], later, 0],
  ['the first is refused', [[never], [sent]], never, 0],
  ['nobody knows of the first', [[silence], [sent]], silence, 0],
  ['a later one is sent at last', [[sent], [later, later, sent]], sent, 2],
  [
    'a later one is too late',
    [[sent], [later, later, later]],
    { ...later, retryAfterMs: undefined, permanent: true, detail: partly } as never,
    2,
  ],
  ['a later one is refused', [[sent], [never]], { ...never, detail: partly }, 0],
  ['nobody knows of a later one', [[sent], [silence]], { ...silence, detail: partly }, 0],
])('%s', async (_, answers, outcome, waits) => {
  const waited: number[] = [];
  const parts = answers.map((list) => {
    const left = [...list];
    return async () => left.shift() ?? silence;
  });
  expect(await sendInParts(parts, async (ms) => void waited.push(ms))).toEqual(outcome);
  expect(waited).toEqual(Array(waits).fill(7));
});
