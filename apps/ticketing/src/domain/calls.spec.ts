import type { FeedbackReceived, ReceivedVia } from '#contracts';
import { aFeedback } from '#testing';
import { callEndOf, findSameCall, isForTheRecord, isMissed, type StoredCall } from './calls.js';

const now = new Date('2026-11-23T08:00:00Z');
const at = (seconds: number) => new Date(now.getTime() - 3_600_000 + seconds * 1000).toISOString();
const call = (over: Partial<StoredCall> = {}): StoredCall => ({
  ...{ direction: 'inbound', from: '+84900000001', to: '+842800000000', startedAt: at(0), durationSeconds: 60 },
  ...{ outcome: 'answered', via: 'push' },
  ...over,
});
const known = (over: Partial<StoredCall> = {}, messageId = 'm1') => ({ messageId, call: call(over) });

describe('the same call from a file', () => {
  it.each<[string, { readonly [Key in keyof StoredCall]?: StoredCall[Key] | undefined }, boolean]>([
    ['is known by its numbers, start and length', {}, true],
    ['may have begun 5 s later', { startedAt: at(5) }, true],
    ['may have begun 5 s earlier', { startedAt: at(-5) }, true],
    ['cannot have begun 6 s later', { startedAt: at(6) }, false],
    ['may be 2 s longer', { durationSeconds: 62 }, true],
    ['cannot be 3 s shorter', { durationSeconds: 57 }, false],
    ['cannot have another caller', { from: '+84900000002' }, false],
    ['cannot have gone to another number', { to: '+842800000001' }, false],
    ['cannot be of a caller who withheld his number', { from: undefined }, false],
    ['may tell another end', { outcome: 'voicemail' }, true],
  ])('%s', (_, over, expected) => {
    expect(findSameCall(call({ via: 'import', ...over } as Partial<StoredCall>), [known()]) !== undefined).toBe(
      expected,
    );
  });

  it('is told by another source: who redials at once has called twice', () => {
    expect(findSameCall(call({ startedAt: at(3) }), [known()])).toBeUndefined();
  });

  it('is the one that began closest', () => {
    const both = [known({ startedAt: at(0) }, 'first'), known({ startedAt: at(4) }, 'second')];
    const found = [0, 4].map(
      (seconds) => findSameCall(call({ via: 'import', startedAt: at(seconds) }), both)?.messageId,
    );
    expect(found).toEqual(['first', 'second']);
  });
});

function event(direction: string, outcome: string, receivedVia: ReceivedVia, occurredAt = at(0)): FeedbackReceived {
  return aFeedback({
    channel: 'phone',
    kind: 'call',
    occurredAt,
    provider: { name: 'pbx', messageId: 'c1', receivedVia },
    call: { ...call(), direction, outcome } as FeedbackReceived['call'],
  });
}

it.each<[string, string, ReceivedVia, string, boolean, boolean]>([
  ['inbound', 'missed', 'push', at(0), true, false],
  ['inbound', 'busy', 'poll', at(0), true, false],
  ['inbound', 'voicemail', 'api', at(-200_000), true, false],
  ['inbound', 'missed', 'push', at(-86_400), true, true],
  ['inbound', 'missed', 'import', at(0), true, true],
  ['inbound', 'missed', 'backfill', at(0), true, true],
  ['inbound', 'answered', 'import', at(0), false, true],
  ['inbound', 'voicemail', 'import', at(-86_400), true, true],
  ['outbound', 'answered', 'import', at(0), false, true],
  ['inbound', 'answered', 'push', at(-86_400), false, false],
  ['inbound', 'answered', 'backfill', at(-86_400), false, false],
  ['outbound', 'answered', 'push', at(0), false, false],
  ['outbound', 'missed', 'push', at(0), false, true],
])('a call %s, %s, by %s at %s: missed %s, for the record only %s', (direction, outcome, via, when, missed, record) => {
  const one = event(direction, outcome, via, when);
  expect([isMissed(one), isForTheRecord(one, now)]).toEqual([missed, record]);
});

it('of a network is told in fields', () => {
  const fields = { call_direction: 'outbound', call_outcome: 'answered', call_seconds: 5 };
  expect(callEndOf(aFeedback({ channel: 'zalo', kind: 'call', fields }))).toEqual({ isOurs: true, answered: true });
});

it('that was erased has no end, and out of a file it is for the record still', () => {
  const provider = { name: 'pbx', messageId: 'c1', receivedVia: 'import' as const };
  const erased = aFeedback({ channel: 'phone', kind: 'call', provider });
  expect([callEndOf(erased), isForTheRecord(erased, now)]).toEqual([undefined, true]);
});
