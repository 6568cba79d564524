import type { Channel, FallbackReason, Identity, ReplyRequested } from '#contracts';
import type { AnswerGround, AnswerRules, Contact } from './answer-ground.js';
import { mailThread, networkThread } from './answer-thread.js';
import { type CustomerWord, needsAWord, windowClosesAt } from './answer-window.js';
import { obstacleOf } from './reachability.js';
import type { TicketState } from './ticket.js';

/** By which channel and account an answer leaves, and to whom. */
export interface AnswerWay {
  readonly channel: Channel;
  readonly account: string;
  readonly to: Identity & { readonly id: string };
  readonly thread: ReplyRequested['thread'];
  readonly customerWroteAt: Date | null;
  /** The channel that the customer used last, where the answer leaves by another, and why. */
  readonly insteadOf?: Channel;
  readonly fallback?: FallbackReason;
}

export interface AnswerRoute extends AnswerWay {
  readonly kind: 'route';
  /** When this way closes; null where it never does. */
  readonly closesAt: Date | null;
}

interface Tried {
  readonly channel: Channel;
  readonly reason: FallbackReason;
}

export interface RouteRefusal {
  readonly kind: 'refused';
  readonly reason: 'no_address' | Exclude<FallbackReason, 'no_way_back'>;
  readonly tried: readonly Tried[];
}

export interface RouteQuestion {
  readonly ticket: Pick<TicketState, 'channel' | 'account' | 'identityId'>;
  readonly ground: AnswerGround;
  readonly rules: AnswerRules;
  readonly now: Date;
  /** The channel that an agent wants. */
  readonly named?: Channel | undefined;
}

interface Way {
  readonly channel: Channel;
  readonly contact: Contact;
  readonly account: string;
  readonly wroteAt: Date | undefined;
  readonly closesAt: Date | null;
  readonly obstacle: FallbackReason | undefined;
}

const newestFirst = (a: CustomerWord, b: CustomerWord) => b.at.getTime() - a.at.getTime();

/** "Choosing how to answer" of docs/channels.md: where the customer last wrote, else where he can still be reached. */
export function chooseRoute(question: RouteQuestion): AnswerRoute | RouteRefusal {
  const { named } = question;
  const used = lastUsed(question);
  const own = wayBack(used, question);
  const tried: Tried[] = [];
  const ways = named === undefined ? [own, ...otherWays(own, question)] : waysNamed(named, own, question);
  for (const way of ways) {
    // Whether somebody can be reached again only trying shows: who names the channel wants just that.
    const isOpen = way?.obstacle === undefined || (named !== undefined && way.obstacle === 'unreachable');
    if (way !== undefined && isOpen) return routeBy(way, used.channel, own, question);
    tried.push({ channel: way?.channel ?? used.channel, reason: way?.obstacle ?? 'no_way_back' });
  }
  if (tried.length === 0) tried.push({ channel: named ?? used.channel, reason: 'no_way_back' });
  const reason = tried[0]?.reason ?? 'no_way_back';
  return { kind: 'refused', reason: reason === 'no_way_back' ? 'no_address' : reason, tried };
}

/** What the ticket's customer used last on it; a ticket that a colleague's message opened has only where that went. */
function lastUsed({ ticket, ground }: RouteQuestion) {
  const known = new Set(ground.contacts.map(({ id }) => id));
  const [word] = ground.words.filter(({ onTicket, identityId }) => onTicket && known.has(identityId)).sort(newestFirst);
  return word ?? { channel: ticket.channel, account: ticket.account, identityId: ticket.identityId };
}

function wayBack(used: ReturnType<typeof lastUsed>, question: RouteQuestion): Way | undefined {
  const contact = question.ground.contacts.find(({ id }) => id === used.identityId);
  if (contact === undefined) return undefined;
  switch (used.channel) {
    case 'web_form':
      if (contact.kind === 'email') return wayTo(contact, 'email', question, question.rules.mailAccount);
      return contact.kind === 'phone' ? wayTo(contact, 'sms', question) : undefined;
    case 'phone':
      return contact.kind === 'phone'
        ? wayTo(contact, 'sms', question, smsAccountOf(used.account, question))
        : undefined;
    default:
      return wayTo(contact, used.channel, question, used.account);
  }
}

/** Answers to a call come from the number that was called. */
function smsAccountOf(phoneAccount: string, { ground, rules }: RouteQuestion): string {
  const here = ground.words.filter(({ onTicket, channel }) => onTicket && channel === 'sms').sort(newestFirst);
  return rules.smsAccounts.byPhone.get(phoneAccount) ?? here[0]?.account ?? rules.smsAccounts.other;
}

function otherWays(own: Way | undefined, question: RouteQuestion): Way[] {
  const vouchedFor = question.ground.contacts.filter(({ verified }) => verified);
  const ways = question.rules.fallback.flatMap((channel) => waysTo(vouchedFor, channel, question));
  return ways.filter((way) => !isSame(way, own));
}

/** Also to who has written on this ticket without being vouched for, as the web form's customers are answered. */
function waysNamed(named: Channel, own: Way | undefined, question: RouteQuestion): Way[] {
  const { contacts, words } = question.ground;
  const present = new Set(words.filter(({ onTicket }) => onTicket).map(({ identityId }) => identityId));
  const trusted = contacts.filter(({ id, verified }) => verified || present.has(id));
  const others = waysTo(trusted, named, question).filter((way) => !isSame(way, own));
  return own?.channel === named ? [own, ...others] : others;
}

function isSame(way: Way, other: Way | undefined): boolean {
  return way.contact.id === other?.contact.id && way.channel === other.channel;
}

/** By the identity that was heard last. */
function waysTo(contacts: readonly Contact[], channel: Channel, question: RouteQuestion): Way[] {
  return contacts
    .flatMap((contact) => wayTo(contact, channel, question) ?? [])
    .sort((a, b) => (b.wroteAt?.getTime() ?? 0) - (a.wroteAt?.getTime() ?? 0));
}

/** Undefined: this identity is none of the channel, or nothing was ever heard from it there and the channel needs that. */
function wayTo(contact: Contact, channel: Channel, question: RouteQuestion, account?: string): Way | undefined {
  if (!belongs(contact, channel)) return undefined;
  const { ground, rules, now } = question;
  const words = ground.words
    .filter((word) => word.identityId === contact.id && word.channel === channel)
    // What was said in public elsewhere is no place to go on from.
    .filter((word) => account !== undefined || word.kind !== 'comment')
    .sort(newestFirst);
  const by = account ?? words[0]?.account ?? defaultAccount(channel, rules);
  if (by === undefined) return undefined;
  const word = words.find((one) => one.account === by);
  const known = contact.states.find((state) => state.channel === channel);
  const closesAt = word === undefined ? null : windowClosesAt(word, rules);
  const isClosed = word === undefined ? needsAWord(channel) : closesAt !== null && closesAt <= now;
  return {
    channel,
    contact,
    account: by,
    wroteAt: word?.at,
    closesAt,
    obstacle: obstacleOf(known, words[0]?.at) ?? (isClosed ? 'window_closed' : undefined),
  };
}

function belongs({ kind, value }: Contact, channel: Channel): boolean {
  if (kind === 'email') return channel === 'email';
  if (kind === 'phone') return channel === 'sms' || channel === 'whatsapp';
  return value.startsWith(`${channel}:`);
}

function defaultAccount(channel: Channel, { mailAccount, smsAccounts }: AnswerRules): string | undefined {
  if (channel === 'email') return mailAccount;
  return channel === 'sms' ? smsAccounts.other : undefined;
}

function routeBy(way: Way, used: Channel, own: Way | undefined, { ground }: RouteQuestion): AnswerRoute {
  const { channel, contact, account, wroteAt, closesAt } = way;
  const fallback = fallbackReason(way, used, own);
  return {
    kind: 'route',
    channel,
    account,
    to: { id: contact.id, kind: contact.kind, value: contact.value },
    thread: channel === 'email' ? mailThread(ground.mail) : networkThread(way, ground.words),
    customerWroteAt: wroteAt ?? null,
    closesAt,
    ...(channel === used ? {} : { insteadOf: used }),
    ...(fallback === undefined ? {} : { fallback }),
  };
}

/** None where an agent chose another channel although the customer's own was open. */
function fallbackReason(way: Way, used: Channel, own: Way | undefined): FallbackReason | undefined {
  if (own === undefined) return 'no_way_back';
  if (way !== own) return own.obstacle;
  return way.channel === used ? undefined : 'no_way_back';
}
