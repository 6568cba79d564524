import type { Channel } from '#contracts';
import type { AnswerGround, AnswerRules, Contact, LastWord } from './answer-ground.js';
import { chooseRoute } from './answer-route.js';
import type { ReachabilityState } from './reachability.js';

const now = new Date('2026-11-23T08:00:00Z');
export const hoursAgo = (hours: number) => new Date(now.getTime() - hours * 3_600_000);
const rules: AnswerRules = {
  fallback: ['zalo', 'sms', 'email'],
  mailAccount: 'support',
  smsAccounts: { byPhone: new Map([['branch', 'branch-sms']]), other: 'sms' },
  whatsappTemplates: false,
};

export const identities = {
  email: { kind: 'email', value: 'an@truong.example' },
  phone: { kind: 'phone', value: '+84900000001' },
  zalo: { kind: 'handle', value: 'zalo:7' },
  messenger: { kind: 'handle', value: 'messenger:5' },
  instagram: { kind: 'handle', value: 'instagram:6' },
  facebook: { kind: 'handle', value: 'facebook_comment:5' },
  telegram: { kind: 'handle', value: 'telegram:9' },
} as const;
export type Id = keyof typeof identities;

export const contact = (id: Id, over: Partial<Contact> = {}): Contact => ({
  ...{ id, verified: true, states: [] },
  ...identities[id],
  ...over,
});
export const word = (identityId: Id, channel: Channel, hours: number, over: Partial<LastWord> = {}): LastWord => ({
  ...{ identityId, channel, account: `${channel}-1`, kind: 'message', at: hoursAgo(hours), onTicket: true },
  ...{ messageId: `m-${channel}`, conversationId: null },
  ...over,
});
export const state = (channel: Channel, what: ReachabilityState, hours: number) => ({
  channel,
  state: what,
  at: hoursAgo(hours),
});
export const all = Object.keys(identities).map((id) => contact(id as Id));
export const mail = { messageId: '<b@x>', references: ['<a@x>', '<b@x>'] };

export function ask(
  ground: Partial<AnswerGround>,
  over: {
    channel?: Channel;
    account?: string;
    identityId?: Id | null;
    named?: Channel;
    rules?: Partial<AnswerRules>;
  } = {},
) {
  const { channel = 'email', account = `${channel}-1`, identityId = 'email', named } = over;
  return chooseRoute({
    ticket: { channel, account, identityId },
    ground: { contacts: [contact('email')], words: [], mail: null, ...ground },
    rules: { ...rules, ...over.rules },
    now,
    named,
  });
}
/** What matters most of a route or a refusal. */
export function brief(outcome: ReturnType<typeof chooseRoute>) {
  if (outcome.kind === 'refused')
    return [outcome.reason, ...outcome.tried.map((one) => `${one.channel} ${one.reason}`)];
  const { channel, account, to, insteadOf, fallback } = outcome;
  return [
    channel,
    account,
    to.id,
    ...(insteadOf === undefined ? [] : [insteadOf]),
    ...(fallback === undefined ? [] : [fallback]),
  ];
}
