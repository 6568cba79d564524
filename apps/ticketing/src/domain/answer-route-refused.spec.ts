import type { Channel } from '#contracts';
import { all, ask, brief, contact, state, word } from './answer-route-fixture.js';
import type { ReachabilityState } from './reachability.js';

describe('what is known of a recipient', () => {
  const sms = { channel: 'sms' as const, identityId: 'phone' as const };
  it.each<[string, ReachabilityState, number, string[]]>([
    ['an opt-out stands, whatever he writes,', 'opted_out', 5, ['opted_out', 'sms opted_out']],
    ['an opt-out that was taken back is none', 'opted_in', 5, ['sms', 'sms-1', 'phone']],
    ['who wrote since can be reached', 'unreachable', 5, ['sms', 'sms-1', 'phone']],
    ['who has not cannot', 'unreachable', 0.5, ['unreachable', 'sms unreachable']],
  ])('%s', (_, what, hours, expected) => {
    const contacts = [contact('phone', { states: [state('sms', what, hours)] })];
    expect(brief(ask({ contacts, words: [word('phone', 'sms', 1)] }, sms))).toEqual(expected);
  });

  it('is known of that channel alone', () => {
    const contacts = [contact('phone', { states: [state('sms', 'opted_out', 1)] })];
    expect(brief(ask({ contacts, words: [word('phone', 'whatsapp', 1)] }, { channel: 'whatsapp' }))[0]).toBe(
      'whatsapp',
    );
  });

  it('on a network is undone by whatever he writes', () => {
    const words = [word('messenger', 'messenger', 1)];
    const known = (hours: number) => [contact('messenger', { states: [state('messenger', 'opted_out', hours)] })];
    const ticket = { channel: 'messenger' as const, identityId: 'messenger' as const };
    expect(brief(ask({ contacts: known(2), words }, ticket))[0]).toBe('messenger');
    expect(brief(ask({ contacts: known(0.5), words }, ticket))[0]).toBe('opted_out');
  });
});

describe('a channel that an agent names', () => {
  it.each<[Channel, string[]]>([
    ['email', ['email', 'support', 'email', 'zalo']],
    ['sms', ['sms', 'sms', 'phone', 'zalo']],
    ['zalo', ['zalo', 'zalo-1', 'zalo']],
    ['messenger', ['window_closed', 'messenger window_closed']],
    ['whatsapp', ['no_address', 'whatsapp no_way_back']],
    ['phone', ['no_address', 'phone no_way_back']],
    ['web_form', ['no_address', 'web_form no_way_back']],
  ])('%s is taken or refused', (named, expected) => {
    const words = [word('zalo', 'zalo', 1), word('messenger', 'messenger', 300, { onTicket: false })];
    expect(brief(ask({ contacts: all, words }, { channel: 'zalo', identityId: 'zalo', named }))).toEqual(expected);
  });

  it('is tried although nobody was reached there', () => {
    const contacts = [contact('phone', { states: [state('sms', 'unreachable', 0.5)] })];
    const ticket = { channel: 'sms' as const, identityId: 'phone' as const };
    expect(brief(ask({ contacts }, { ...ticket, named: 'sms' }))).toEqual(['sms', 'sms-1', 'phone']);
  });

  it('is not, to an address that only stands on another of his tickets and nobody vouches for', () => {
    const contacts = [contact('zalo'), contact('email', { verified: false })];
    const words = [word('zalo', 'zalo', 1)];
    expect(brief(ask({ contacts, words }, { channel: 'zalo', named: 'email' }))).toEqual([
      'no_address',
      'email no_way_back',
    ]);
  });
});
