import { accountSource } from './account-source.js';
import { contracts, feedbackRawType } from './contract.js';
import type { FeedbackReceived } from './feedback-received.js';
import { deliveryEventId } from './identifiers.js';
import type { LedgerRecord } from './ledger.js';
import type { DeadLetter, IntakeReplay, QuarantineResolved } from './quarantine.js';
import type { ReplyDelivery, ReplyRequested } from './reply.js';
import type { TicketChanged } from './ticket-changed.js';
import { type ReplyFamily, topics } from './topics.js';

/** A record for the log. The partition is murmur2 of `partitionKey`, so that `key` is free to be what compaction needs. */
export interface WireMessage {
  readonly topic: string;
  readonly key: string;
  readonly partitionKey: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: Buffer | null;
  /** Milliseconds since 1970; the broker's clock when absent. */
  readonly timestamp?: number;
}

/** Trace context that travels beside a message, as libs/observability gives it. */
export type TraceHeaders = Readonly<Record<string, string>>;

interface Envelope {
  readonly type: string;
  readonly id: string;
  readonly source: string;
  readonly time: string;
  readonly subject: string;
  readonly partitionKey: string;
  readonly contentType?: string;
}

/** CloudEvents 1.0, Kafka protocol binding, binary mode. */
function cloudEventHeaders(envelope: Envelope, trace: TraceHeaders): Record<string, string> {
  return {
    ce_specversion: '1.0',
    ce_id: envelope.id,
    ce_type: envelope.type,
    ce_source: envelope.source,
    ce_time: envelope.time,
    ce_subject: envelope.subject,
    ce_partitionkey: envelope.partitionKey,
    'content-type': envelope.contentType ?? 'application/json',
    ...trace,
  };
}

const json = (data: unknown) => Buffer.from(JSON.stringify(data));
const sourceOf = (app: string) => `/phanhoi/${app}`;

/** The event of a feedback, for feedback.received.v1. The record's timestamp is `receivedAt`: the look-up of originals relies on it. */
export function feedbackReceivedMessage(event: FeedbackReceived, trace: TraceHeaders = {}): WireMessage {
  return {
    topic: topics.feedbackReceived,
    key: event.id,
    partitionKey: event.conversationKey,
    headers: cloudEventHeaders(
      {
        type: contracts.feedbackReceived.type,
        id: event.id,
        source: accountSource(event),
        time: event.receivedAt,
        subject: event.id,
        partitionKey: event.conversationKey,
      },
      trace,
    ),
    value: json(event),
    timestamp: Date.parse(event.receivedAt),
  };
}

/** The original of a feedback, for feedback.raw.v1: the value is the bytes as they came. Only for `raw.ref` = `log:<event id>`. */
export function feedbackRawMessage(
  event: FeedbackReceived,
  original: { readonly bytes: Buffer; readonly contentType: string },
  trace: TraceHeaders = {},
): WireMessage {
  return {
    topic: topics.feedbackRaw,
    key: event.id,
    partitionKey: event.id,
    headers: cloudEventHeaders(
      {
        type: feedbackRawType,
        id: event.id,
        source: accountSource(event),
        time: event.receivedAt,
        subject: event.id,
        partitionKey: event.id,
        contentType: original.contentType,
      },
      trace,
    ),
    value: original.bytes,
    timestamp: Date.parse(event.receivedAt),
  };
}

export function ticketChangedMessage(fact: TicketChanged, trace: TraceHeaders = {}): WireMessage {
  return {
    topic: topics.ticketChanged,
    key: fact.ticketId,
    partitionKey: fact.ticketId,
    headers: cloudEventHeaders(
      {
        type: contracts.ticketChanged.type,
        id: fact.id,
        source: sourceOf('ticketing'),
        time: fact.at,
        subject: fact.ticketId,
        partitionKey: fact.ticketId,
      },
      trace,
    ),
    value: json(fact),
  };
}

export function replyRequestedMessage(
  family: ReplyFamily,
  reply: ReplyRequested,
  trace: TraceHeaders = {},
): WireMessage {
  return {
    topic: topics.replyRequested(family),
    key: reply.id,
    partitionKey: reply.conversationKey,
    headers: cloudEventHeaders(
      {
        type: contracts.replyRequested.type,
        id: reply.id,
        source: sourceOf('ticketing'),
        time: reply.requestedAt,
        subject: reply.ticketId,
        partitionKey: reply.conversationKey,
      },
      trace,
    ),
    value: json(reply),
  };
}

export function replyDeliveryMessage(app: string, delivery: ReplyDelivery, trace: TraceHeaders = {}): WireMessage {
  return {
    topic: topics.replyDelivery,
    key: delivery.replyId,
    partitionKey: delivery.conversationKey,
    headers: cloudEventHeaders(
      {
        type: contracts.replyDelivery.type,
        id: deliveryEventId(delivery.replyId, delivery.attempt, delivery.state),
        source: sourceOf(app),
        time: delivery.at,
        subject: delivery.replyId,
        partitionKey: delivery.conversationKey,
      },
      trace,
    ),
    value: json(delivery),
  };
}

export function deadLetterMessage(letter: DeadLetter, trace: TraceHeaders = {}): WireMessage {
  const key = letter.key ?? letter.id;
  return {
    topic: topics.dead(letter.app),
    key,
    partitionKey: key,
    headers: cloudEventHeaders(
      {
        type: contracts.deadLetter.type,
        id: letter.id,
        source: sourceOf(letter.app),
        time: letter.at,
        subject: letter.id,
        partitionKey: key,
      },
      trace,
    ),
    value: json(letter),
  };
}

export function quarantineResolvedMessage(resolved: QuarantineResolved): WireMessage {
  return {
    topic: topics.quarantineResolved,
    key: resolved.id,
    partitionKey: resolved.id,
    headers: cloudEventHeaders(
      {
        type: contracts.quarantineResolved.type,
        id: resolved.id,
        source: sourceOf('operator'),
        time: resolved.at,
        subject: resolved.id,
        partitionKey: resolved.id,
      },
      {},
    ),
    value: json(resolved),
  };
}

export function intakeReplayMessage(replay: IntakeReplay): WireMessage {
  return {
    topic: topics.intakeReplay(replay.app),
    key: replay.id,
    partitionKey: replay.id,
    headers: cloudEventHeaders(
      {
        type: contracts.intakeReplay.type,
        id: replay.id,
        source: sourceOf('operator'),
        time: replay.at,
        subject: replay.id,
        partitionKey: replay.id,
      },
      {},
    ),
    value: json(replay),
  };
}

/** Key and partition are the run's: one record holds all its sources, and its records lie in their order. */
export function ledgerMessage(record: LedgerRecord): WireMessage {
  return {
    topic: topics.ledger,
    key: record.run,
    partitionKey: record.run,
    headers: cloudEventHeaders(
      {
        type: contracts.ledgerRecord.type,
        id: record.id,
        source: sourceOf(record.app),
        time: record.at,
        subject: record.run,
        partitionKey: record.run,
      },
      {},
    ),
    value: json(record),
  };
}
