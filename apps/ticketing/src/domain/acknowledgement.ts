import type { FeedbackReceived } from '#contracts';
import type { AnswerWay } from './answer-route.js';
import { mailThread } from './answer-thread.js';
import type { Candidate, FeedbackWorld } from './feedback-world.js';
import { requestAnswer } from './reply.js';
import { system } from './ticket-change.js';

export interface AcknowledgementRules {
  readonly enabled: boolean;
  /** The mailbox by which web forms are answered. */
  readonly formAccount: string;
  /** BCP 47 language of the text where the customer's is unknown. */
  readonly defaultLanguage: string;
}

const hourMs = 3_600_000;
const freshMs = 24 * hourMs;
const perAuthorAndHour = 2;

/** Never to automatic mail, never to what may be forged (that would be backscatter), never to what is old news. */
export function mayAcknowledge(event: FeedbackReceived, now: Date): boolean {
  const { autoReply, dmarc, spam } = event.signals;
  const isLive = event.provider.receivedVia === 'push' || event.provider.receivedVia === 'poll';
  const age = now.getTime() - Date.parse(event.occurredAt);
  return (
    isLive &&
    age < freshMs &&
    event.kind === 'message' &&
    autoReply === 'none' &&
    dmarc !== 'fail' &&
    spam !== true &&
    (event.channel === 'email' || event.channel === 'web_form')
  );
}

/** Those of the newly opened tickets that are to be acknowledged, as far as one may know without the brake of the account. */
export function chooseAcknowledgements(world: FeedbackWorld, rules: AcknowledgementRules): Candidate[] {
  if (!rules.enabled) return [];
  const { now } = world.work.clock;
  const lately = new Map<string, number>();
  return world.candidates.filter(({ ticketId, event, identity, customer }) => {
    const ticket = world.work.find(ticketId)?.ticket;
    if (ticket === undefined || ticket.mergedInto !== null || ticket.acknowledged) return false;
    if (identity.kind !== 'email' || !mayAcknowledge(event, now)) return false;
    const before = customer.acknowledgedAt.filter((at) => now.getTime() - at.getTime() < hourMs).length;
    const count = lately.get(customer.id) ?? before;
    if (count >= perAuthorAndHour) return false;
    lately.set(customer.id, count + 1);
    return true;
  });
}

export function acknowledge(candidate: Candidate, world: FeedbackWorld, rules: AcknowledgementRules): void {
  const { event, identity, customer } = candidate;
  const change = world.work.find(candidate.ticketId);
  if (change === undefined) return;
  const { ticket } = change;
  const text = acknowledgementText(change.number, event, rules.defaultLanguage);
  requestAnswer(change, world.work, system, {
    reason: 'auto_acknowledgement',
    way: { ...wayFor(event, rules), to: { id: identity.id, kind: 'email', value: identity.value } },
    text,
    html: null,
    attachments: [],
    agent: null,
    repeats: null,
  });
  ticket.acknowledged = true;
  customer.acknowledgedAt = [...customer.acknowledgedAt.slice(-1), world.work.clock.now];
  customer.acknowledgedNow = true;
}

function wayFor(event: FeedbackReceived, { formAccount }: AcknowledgementRules): Omit<AnswerWay, 'to'> {
  const way = { channel: 'email', customerWroteAt: null } as const;
  if (event.channel !== 'email') {
    return {
      ...way,
      account: formAccount,
      thread: mailThread(null),
      insteadOf: event.channel,
      fallback: 'no_way_back',
    };
  }
  const { messageId } = event.provider;
  return { ...way, account: event.account, thread: mailThread({ messageId, references: event.thread.references }) };
}

const texts = {
  vi: (name: string, number: string) =>
    `Kính chào ${name},\n\nChúng tôi đã nhận được phản ánh của Quý khách với mã ${number}. Bộ phận chăm sóc khách hàng sẽ trả lời trong thời gian sớm nhất. Để bổ sung thông tin, Quý khách chỉ cần trả lời thư này.\n\nTrân trọng.`,
  en: (name: string, number: string) =>
    `Dear ${name},\n\nWe have received your message; its number is ${number}. Our customer care will answer as soon as possible. To add anything, simply reply to this mail.\n\nKind regards.`,
} as const;
const nobody = { vi: 'Quý khách', en: 'customer' } as const;

function acknowledgementText(number: string, event: FeedbackReceived, fallback: string): string {
  const stated = event.language ?? event.author.locale ?? fallback;
  const language = stated.toLowerCase().startsWith('vi') ? 'vi' : stated.toLowerCase().startsWith('en') ? 'en' : 'vi';
  const name = event.author.displayName?.slice(0, 100) ?? nobody[language];
  const both = event.reference === undefined ? number : `${number} (${event.reference})`;
  return texts[language](name, both);
}
