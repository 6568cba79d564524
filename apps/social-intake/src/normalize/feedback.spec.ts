import { contracts, eventLimits } from '#contracts';
import { type FeedbackContext, toFeedback } from './feedback.js';
import type { SocialMessage } from './reading.js';

const receivedAt = new Date('2026-11-23T00:00:00.000Z');
const context: FeedbackContext = {
  account: 'page',
  provider: 'meta',
  secret: 'a secret of at least thirty-two characters',
  receivedAt,
  receivedVia: 'push',
  attachments: [],
  flags: [],
};
const said: SocialMessage = {
  channel: 'messenger',
  kind: 'message',
  messageId: 'm1',
  customer: '5',
  at: receivedAt.getTime() - 1_000,
  text: 'Xin chào',
};
const event = (over: Partial<SocialMessage> = {}) => toFeedback({ ...said, ...over }, context);

describe('the event of a message', () => {
  it.each<[string, Partial<SocialMessage>]>([
    ['plain', {}],
    ['64 KiB of control characters', { text: '\u0001'.repeat(70_000) }],
    ['a million letters that grow when they are composed', { text: '\u0958'.repeat(1_000_000) }],
    ['lone surrogates and NUL', { text: 'a\ud800\u0000b', displayName: '\udfff\u0000' }],
    ['an endless name', { displayName: 'ặ'.repeat(5_000) }],
    ['an endless locale', { locale: 'x'.repeat(100) }],
    ['a long id of the customer', { customer: '9'.repeat(400) }],
    ['a time before the world', { at: -1e18 }],
    ['a time that is none', { at: Number.NaN }],
    ['long fields', { fields: { note: 'ặ'.repeat(9_000), count: 1, yes: true } }],
    ['nobody', { customer: undefined as never, kind: 'deletion', refersTo: 'm1' }],
  ])('keeps the contract and fits: %s', (_, over) => {
    const whole = { ...event(over), raw: { ref: 'log:x', sha256: '0'.repeat(64), bytes: 1 } };
    const checked = contracts.feedbackReceived.schema.safeParse(whole);
    expect([checked.error?.issues ?? [], Buffer.byteLength(JSON.stringify(whole)) <= eventLimits.event]).toEqual([
      [],
      true,
    ]);
  });

  it('has the id of its message; an edit has another and the same conversation', () => {
    const edit = event({ kind: 'edit', revision: '2', refersTo: 'm1' });
    expect([event().id === event({ text: 'x' }).id, edit.id === event().id]).toEqual([true, false]);
    expect(edit.conversationKey).toBe(event().conversationKey);
  });

  it.each<[string, Partial<SocialMessage>, string, readonly string[]]>([
    ['in the past', {}, '2026-11-22T23:59:59.000Z', []],
    ['in the future', { at: receivedAt.getTime() + 1 }, receivedAt.toISOString(), ['time_clamped']],
    ['before 2000', { at: 154390853474 }, receivedAt.toISOString(), ['time_clamped']],
    ['unstated', { at: undefined as never }, receivedAt.toISOString(), []],
  ])('occurred %s', (_, over, occurredAt, flags) => {
    const { occurredAt: at, signals } = event(over);
    expect([at, signals.flags]).toEqual([occurredAt, flags]);
  });

  it('tells people of different networks apart, and knows a WhatsApp number for a telephone', () => {
    const identities = [event(), event({ channel: 'zalo' }), event({ channel: 'whatsapp', customer: '84900000001' })];
    expect(identities.map(({ author }) => author.identity)).toEqual([
      { kind: 'handle', value: 'messenger:5' },
      { kind: 'handle', value: 'zalo:5' },
      { kind: 'phone', value: '+84900000001' },
    ]);
  });

  it('of a colleague names whom he wrote to, not himself', () => {
    const { author, recipients } = event({ kind: 'echo' });
    expect([author, recipients]).toEqual([{ verified: true }, [{ kind: 'handle', value: 'messenger:5' }]]);
  });
});
