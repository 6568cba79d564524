import type { Channel } from '#contracts';
import type { AnswerGround } from './answer-ground.js';
import { all, ask, brief, contact, hoursAgo, type Id, identities, mail, state, word } from './answer-route-fixture.js';

describe('an answer', () => {
  it.each<[Channel, Id, number, string | null]>([
    ['messenger', 'messenger', 24 * 7 - 1, '2026-11-23T09:00:00.000Z'],
    ['instagram', 'instagram', 25, '2026-11-29T07:00:00.000Z'],
    ['whatsapp', 'phone', 23, '2026-11-23T09:00:00.000Z'],
    ['zalo', 'zalo', 24 * 6, '2026-11-24T08:00:00.000Z'],
    ['telegram', 'telegram', 24 * 400, null],
    ['facebook_comment', 'facebook', 24 * 400, null],
    ['sms', 'phone', 24 * 400, null],
    ['email', 'email', 24 * 400, null],
  ])('leaves by %s while that is open', (channel, id, hours, closesAt) => {
    const kind = channel === 'facebook_comment' ? 'comment' : 'message';
    const outcome = ask({ contacts: all, words: [word(id, channel, hours, { kind })] }, { channel, identityId: id });
    expect(outcome).toEqual({
      kind: 'route',
      channel,
      account: `${channel}-1`,
      to: { id, ...identities[id] },
      thread: channel === 'email' ? { references: [] } : { references: [], inReplyTo: `m-${channel}` },
      customerWroteAt: hoursAgo(hours),
      closesAt: closesAt === null ? null : new Date(closesAt),
    });
  });

  it.each<[string, Channel, Id, number]>([
    ['7 days of Messenger', 'messenger', 'messenger', 24 * 7],
    ['7 days of Instagram', 'instagram', 'instagram', 24 * 7],
    ['24 hours of WhatsApp', 'whatsapp', 'phone', 24],
    ['7 days of Zalo', 'zalo', 'zalo', 24 * 7],
  ])('falls back when the %s are over', (_, channel, id, hours) => {
    const outcome = ask(
      { contacts: [contact(id), contact('email')], words: [word(id, channel, hours)], mail },
      { channel, identityId: id, rules: { fallback: ['email'] } },
    );
    expect(outcome).toMatchObject({
      channel: 'email',
      account: 'support',
      insteadOf: channel,
      fallback: 'window_closed',
    });
  });

  it('leaves by WhatsApp after its window where a template exists', () => {
    const words = [word('phone', 'whatsapp', 100)];
    const over = { channel: 'whatsapp' as const, identityId: 'phone' as const, rules: { whatsappTemplates: true } };
    expect(brief(ask({ contacts: all, words }, over))).toEqual(['whatsapp', 'whatsapp-1', 'phone']);
  });

  it('goes where the customer wrote last, not where the ticket began', () => {
    const words = [
      word('email', 'email', 5),
      word('zalo', 'zalo', 1),
      word('messenger', 'messenger', 0.5, { onTicket: false }),
    ];
    expect(brief(ask({ contacts: all, words }))).toEqual(['zalo', 'zalo-1', 'zalo']);
  });

  it('does not follow somebody else who wrote on the ticket', () => {
    const words = [word('email', 'email', 5), word('phone', 'sms', 1)];
    expect(brief(ask({ contacts: [contact('email')], words }))).toEqual(['email', 'email-1', 'email']);
  });

  it('goes on from the mail of the ticket, each reference once', () => {
    expect(ask({ mail })).toMatchObject({ thread: { inReplyTo: '<b@x>', references: ['<a@x>', '<b@x>'] } });
  });

  it('names the conversation of the network, but no message of another matter', () => {
    const words = [word('zalo', 'zalo', 1, { onTicket: false, conversationId: 'c1' }), word('email', 'email', 2)];
    expect(ask({ contacts: all, words }, { named: 'zalo' })).toMatchObject({
      thread: { references: [], providerConversationId: 'c1' },
    });
  });

  it('counts the window from the customer’s last word to that account, on whatever ticket', () => {
    const words = [word('phone', 'whatsapp', 30), word('phone', 'whatsapp', 2, { onTicket: false })];
    expect(ask({ contacts: all, words }, { channel: 'whatsapp' })).toMatchObject({
      channel: 'whatsapp',
      customerWroteAt: hoursAgo(2),
    });
    const elsewhere = [
      word('phone', 'whatsapp', 30),
      word('phone', 'whatsapp', 2, { onTicket: false, account: 'other' }),
    ];
    expect(ask({ contacts: all, words: elsewhere }, { channel: 'whatsapp' })).toMatchObject({
      fallback: 'window_closed',
    });
  });
});

describe('a ticket without a way back of its own', () => {
  const form = { channel: 'web_form' as const, account: 'contact' };
  const call = { channel: 'phone' as const, account: 'hotline', identityId: 'phone' as const };
  it.each<[string, Partial<AnswerGround>, Parameters<typeof ask>[1], string[]]>([
    ['a form with an address', {}, form, ['email', 'support', 'email', 'web_form', 'no_way_back']],
    [
      'a form with a number',
      { contacts: [contact('phone', { verified: false })] },
      { ...form, identityId: 'phone' },
      ['sms', 'sms', 'phone', 'web_form', 'no_way_back'],
    ],
    ['a form of nobody', { contacts: [] }, { ...form, identityId: null }, ['no_address', 'web_form no_way_back']],
    ['a call', { contacts: all }, call, ['sms', 'sms', 'phone', 'phone', 'no_way_back']],
    [
      'a call to another line',
      { contacts: all },
      { ...call, account: 'branch' },
      ['sms', 'branch-sms', 'phone', 'phone', 'no_way_back'],
    ],
    [
      'a call after messages of the same number',
      {
        contacts: all,
        words: [word('phone', 'phone', 1, { account: 'hotline', kind: 'call' }), word('phone', 'sms', 2)],
      },
      call,
      ['sms', 'sms-1', 'phone', 'phone', 'no_way_back'],
    ],
    ['a withheld number', { contacts: [] }, { ...call, identityId: null }, ['no_address', 'phone no_way_back']],
  ])('answers %s', (_, ground, over, expected) => {
    expect(brief(ask(ground, over))).toEqual(expected);
  });
});

describe('the fallback', () => {
  const closed = [word('messenger', 'messenger', 200)];
  const ticket = { channel: 'messenger' as const, identityId: 'messenger' as const };
  it.each<[string, Partial<AnswerGround>, string[]]>([
    [
      'takes the first channel that is open',
      { contacts: all, words: [...closed, word('zalo', 'zalo', 2, { onTicket: false })] },
      ['zalo', 'zalo-1', 'zalo', 'messenger', 'window_closed'],
    ],
    [
      'passes over one that is closed, or was never written on',
      { contacts: all, words: [...closed, word('zalo', 'zalo', 200, { onTicket: false })] },
      ['sms', 'sms', 'phone', 'messenger', 'window_closed'],
    ],
    [
      'passes over identities that nobody vouches for',
      { contacts: [contact('messenger'), contact('phone', { verified: false }), contact('email')], words: closed },
      ['email', 'support', 'email', 'messenger', 'window_closed'],
    ],
    [
      'passes over who has opted out',
      {
        contacts: [
          contact('messenger'),
          contact('phone', { states: [state('sms', 'opted_out', 900)] }),
          contact('email'),
        ],
        words: closed,
      },
      ['email', 'support', 'email', 'messenger', 'window_closed'],
    ],
    [
      'says all that was tried',
      {
        contacts: [
          contact('messenger'),
          contact('zalo'),
          contact('phone', { states: [state('sms', 'unreachable', 9)] }),
        ],
        words: [...closed, word('zalo', 'zalo', 200, { onTicket: false })],
      },
      ['window_closed', 'messenger window_closed', 'zalo window_closed', 'sms unreachable'],
    ],
    [
      'is never what was said in public',
      {
        contacts: [contact('messenger'), contact('zalo')],
        words: [...closed, word('zalo', 'zalo', 2, { kind: 'comment' })],
      },
      ['window_closed', 'messenger window_closed'],
    ],
  ])('%s', (_, ground, expected) => {
    expect(
      brief(
        ask(
          {
            ...ground,
            words: (ground.words ?? []).map((one, index) => (index === 0 ? one : { ...one, onTicket: false })),
          },
          ticket,
        ),
      ),
    ).toEqual(expected);
  });
});
