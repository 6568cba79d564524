import type { Channel, FeedbackReceived } from '#contracts';
import { acknowledgementText } from './acknowledgement-text.js';
import type { AnswerWay } from './answer-route.js';
import { mailThread } from './answer-thread.js';
import type { Candidate, FeedbackWorld } from './feedback-world.js';
import { isFresh } from './fresh.js';
import { isQuiet, type QuietHours } from './quiet-hours.js';
import { consentOf } from './reachability.js';
import { requestAnswer } from './reply.js';
import { system } from './ticket-change.js';

export interface AcknowledgementRules {
  readonly enabled: boolean;
  /** By which channels they may leave. */
  readonly channels: ReadonlySet<Channel>;
  /** No machine sends an SMS or a message on Zalo then. */
  readonly quiet: QuietHours;
  /** The mailbox by which web forms are answered. */
  readonly formAccount: string;
  /** BCP 47 language of the text where the customer's is unknown. */
  readonly defaultLanguage: string;
}

const hourMs = 3_600_000;
const perAuthorAndHour = 2;
const disturbing: ReadonlySet<Channel> = new Set(['sms', 'zalo']);

/** Never to automatic mail, never to what may be forged (that would be backscatter), never to what is old news or says STOP. */
export function mayAcknowledge(event: FeedbackReceived, now: Date): boolean {
  const { autoReply, dmarc, spam } = event.signals;
  return (
    isFresh(event, now) &&
    event.kind === 'message' &&
    autoReply === 'none' &&
    dmarc !== 'fail' &&
    spam !== true &&
    consentOf(event) !== 'opted_out'
  );
}

/** By which channel an author is told that his message has come; undefined: by none. */
export function acknowledgementChannel(
  event: FeedbackReceived,
  identity: { readonly kind: string },
  { channels, quiet }: AcknowledgementRules,
  now: Date,
): Channel | undefined {
  const channel = privateChannelOf(event.channel, identity.kind);
  if (channel === undefined || !channels.has(channel)) return undefined;
  return disturbing.has(channel) && isQuiet(now, quiet) ? undefined : channel;
}

function privateChannelOf(channel: Channel, kind: string): Channel | undefined {
  switch (channel) {
    case 'email':
    case 'web_form':
      return kind === 'email' ? 'email' : undefined;
    case 'phone':
    case 'facebook_comment':
      return undefined;
    default:
      return channel;
  }
}

/** Those of the newly opened tickets that are to be acknowledged, as far as one may know without the brake of the account. */
export function chooseAcknowledgements(world: FeedbackWorld, rules: AcknowledgementRules): Candidate[] {
  if (!rules.enabled) return [];
  const { now } = world.work.clock;
  const lately = new Map<string, number>();
  return world.candidates.filter(({ ticketId, event, identity, customer }) => {
    const ticket = world.work.find(ticketId)?.ticket;
    if (ticket === undefined || ticket.mergedInto !== null || ticket.acknowledged) return false;
    if (!mayAcknowledge(event, now)) return false;
    if (acknowledgementChannel(event, identity, rules, now) === undefined) return false;
    const before = customer.acknowledgedAt.filter((at) => now.getTime() - at.getTime() < hourMs).length;
    const count = lately.get(customer.id) ?? before;
    if (count >= perAuthorAndHour) return false;
    lately.set(customer.id, count + 1);
    return true;
  });
}

export function acknowledge(candidate: Candidate, world: FeedbackWorld, rules: AcknowledgementRules): void {
  const { event, identity, customer } = candidate;
  const { now } = world.work.clock;
  const change = world.work.find(candidate.ticketId);
  const channel = acknowledgementChannel(event, identity, rules, now);
  if (change === undefined || channel === undefined) return;
  const { ticket } = change;
  requestAnswer(change, world.work, system, {
    reason: 'auto_acknowledgement',
    way: { ...wayFor(event, channel, rules), to: { id: identity.id, kind: identity.kind, value: identity.value } },
    text: acknowledgementText(event, { number: change.number, channel, fallback: rules.defaultLanguage }),
    html: null,
    attachments: [],
    agent: null,
    repeats: null,
  });
  ticket.acknowledged = true;
  customer.acknowledgedAt = [...customer.acknowledgedAt.slice(-1), now];
  customer.acknowledgedNow = true;
}

function wayFor(event: FeedbackReceived, channel: Channel, rules: AcknowledgementRules): Omit<AnswerWay, 'to'> {
  const { messageId, conversationId } = event.provider;
  const way = { channel, account: event.account, customerWroteAt: null };
  if (event.channel === 'web_form') {
    const instead = { insteadOf: event.channel, fallback: 'no_way_back' } as const;
    return { ...way, account: rules.formAccount, thread: mailThread(null), ...instead };
  }
  if (channel === 'email') return { ...way, thread: mailThread({ messageId, references: event.thread.references }) };
  return {
    ...way,
    customerWroteAt: new Date(event.occurredAt),
    thread: {
      references: [],
      inReplyTo: messageId,
      ...(conversationId === undefined ? {} : { providerConversationId: conversationId }),
    },
  };
}
