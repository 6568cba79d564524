import type { DeliveryState, FeedbackReceived, TicketChanged, TicketFact, TicketSnapshot } from '#contracts';
import { type DimensionValues, dimensionValues } from './dimensions.js';
import { duration, type FactRow, type Measure } from './fact-row.js';

/** One feedback as it is counted. */
export interface FeedbackRow {
  readonly eventId: string;
  readonly at: number;
  readonly channel: string;
  readonly account: string;
  readonly automatic: boolean;
}

const countedKinds: readonly string[] = ['message', 'call', 'comment', 'rating'];

/** Edits, deletions and echoes of our own side are no feedback; automatic mail is counted apart. */
export function foldFeedback(event: FeedbackReceived): FeedbackRow | undefined {
  if (!countedKinds.includes(event.kind)) return undefined;
  return {
    eventId: event.id,
    at: Date.parse(event.occurredAt),
    channel: event.channel,
    account: event.account,
    automatic: event.signals.autoReply !== 'none',
  };
}

/** Finds what a reply was counted as until now, so that a later bounce can correct it. */
export type CountedReply = (replyId: string) => FactRow | undefined;

/**
 * What a fact contributes. Pure: a retraction carries the instant, values and snapshot of what it takes back; only the
 * state of a reply is compared with the row that it was counted by before.
 */
export function foldFact(fact: TicketChanged, countedReply: CountedReply): FactRow[] {
  switch (fact.type) {
    case 'opened':
      return [row(fact, 'opened', { weight: 1, backlogChange: 1 })];
    case 'resolved':
      return [row(fact, 'resolved', { ...resolution(fact), weight: 1, backlogChange: -1 })];
    case 'reopened':
      return reopened(fact);
    case 'merged':
      return fact.wasOpen ? [row(fact, 'moved', { backlogChange: -1 })] : [];
    case 'responded':
      return response(fact, { weight: 1 });
    case 'response_retracted':
      return response(fact, { weight: -1, ...bucketOf(fact) });
    case 'reply_state_changed':
      return replyStateChanged(fact, countedReply);
    case 'assigned':
      return moved(fact, { team: fact.fromTeam ?? '', agent: fact.fromAgent ?? '' });
    case 'category_changed':
      return moved(fact, { category: fact.from ?? '' });
    case 'priority_changed':
      return moved(fact, { priority: fact.from ?? '' });
    case 'customer_linked':
      return moved(fact, { organization: fact.fromOrganizationId ?? '', segment: fact.fromSegment ?? '' });
    case 'message_added':
    case 'note_added':
    case 'tags_changed':
    case 'status_changed':
    case 'reply_requested':
    case 'closed':
    case 'erased':
      return [];
    default:
      return unfolded(fact);
  }
}

/** A fact type that contracts knows and nobody folded does not compile. */
function unfolded(_fact: never): FactRow[] {
  return [];
}

function row(fact: TicketChanged, measure: Measure, contribution: Partial<FactRow>): FactRow {
  return {
    ticketId: fact.ticketId,
    ticketNumber: fact.number,
    sequence: fact.sequence,
    measure,
    at: contribution.at ?? Date.parse(fact.at),
    weight: 0,
    backlogChange: 0,
    milliseconds: 0,
    bin: 0,
    oneTouch: false,
    transferred: false,
    dimensions: contribution.dimensions ?? fromSnapshot(fact.snapshot),
    ...contribution,
  };
}

function fromSnapshot(snapshot: TicketSnapshot): DimensionValues {
  return dimensionValues({
    channel: snapshot.channel,
    account: snapshot.account,
    team: snapshot.team ?? '',
    agent: snapshot.agent ?? '',
    category: snapshot.category ?? '',
    priority: snapshot.priority,
    organization: snapshot.organizationId ?? '',
    segment: snapshot.segment ?? '',
  });
}

/** Where the fact that is taken back was counted. */
function bucketOf(retraction: { readonly retractedAt: string; readonly retractedSnapshot: TicketSnapshot }) {
  return { at: Date.parse(retraction.retractedAt), dimensions: fromSnapshot(retraction.retractedSnapshot) };
}

function resolution(fact: { readonly seconds: number; readonly touches: number; readonly transfers: number }) {
  return { ...duration(fact.seconds), oneTouch: fact.touches <= 1, transferred: fact.transfers > 0 };
}

/** The resolution leaves its old bucket, which remembers that it had one; the backlog rises now. */
function reopened(fact: TicketFact<'reopened'>): FactRow[] {
  const old = bucketOf(fact);
  return [
    row(fact, 'resolved', { ...resolution(fact), ...old, weight: -1 }),
    row(fact, 'reopened', { ...old, weight: 1 }),
    row(fact, 'moved', { backlogChange: 1 }),
  ];
}

function response(
  fact: TicketFact<'responded'> | TicketFact<'response_retracted'>,
  where: Partial<FactRow>,
): FactRow[] {
  // A clock of a newer writer is no measure of ours.
  if (fact.clock !== 'first' && fact.clock !== 'next') return [];
  const measure = fact.clock === 'first' ? 'first_response' : 'next_response';
  return [row(fact, measure, { ...duration(fact.waitSeconds), ...where })];
}

const outcomes: Partial<Record<DeliveryState, 'reply_delivered' | 'reply_failed'>> = {
  sent: 'reply_delivered',
  delivered: 'reply_delivered',
  read: 'reply_delivered',
  failed: 'reply_failed',
  uncertain: 'reply_failed',
};

/** A reply by a person counts once, where its first outcome fell; a later outcome corrects that bucket. */
function replyStateChanged(fact: TicketFact<'reply_state_changed'>, countedReply: CountedReply): FactRow[] {
  if (fact.automatic) return [];
  const outcome = outcomes[fact.state];
  const counted = countedReply(fact.replyId);
  if (outcome === undefined || outcome === counted?.measure) return [];
  if (counted === undefined) return [row(fact, outcome, { weight: 1, replyId: fact.replyId })];
  const bucket = { at: counted.at, dimensions: counted.dimensions, replyId: fact.replyId };
  return [row(fact, counted.measure, { ...bucket, weight: -1 }), row(fact, outcome, { ...bucket, weight: 1 })];
}

const atRest: readonly string[] = ['resolved', 'closed'];

/** An open ticket that changes a dimension leaves the backlog of the old value and joins that of the new one. */
function moved(fact: TicketChanged, from: Partial<DimensionValues>): FactRow[] {
  if (atRest.includes(fact.snapshot.status)) return [];
  const now = fromSnapshot(fact.snapshot);
  const before = { ...now, ...from };
  if (Object.entries(from).every(([name, value]) => now[name as keyof DimensionValues] === value)) return [];
  return [
    row(fact, 'moved', { dimensions: before, backlogChange: -1 }),
    row(fact, 'moved', { dimensions: now, backlogChange: 1 }),
  ];
}
