import { z } from 'zod';
import { count, time, uuid, word } from './fields.js';
import {
  actorKinds,
  channels,
  deliveryStates,
  fallbackReasons,
  responseClocks,
  ticketPriorities,
  ticketStatuses,
} from './registries.js';

/** The state of the ticket after the fact; a measure counts under the snapshot of its own fact. */
export const snapshotSchema = z.object({
  channel: word(channels),
  account: z.string().max(100),
  team: uuid.optional(),
  agent: uuid.optional(),
  category: uuid.optional(),
  priority: word(ticketPriorities),
  status: word(ticketStatuses),
  organizationId: uuid.optional(),
  segment: z.string().max(100).optional(),
});
export type TicketSnapshot = z.infer<typeof snapshotSchema>;

const envelope = {
  id: uuid,
  ticketId: uuid,
  number: z.string().max(40),
  /** 1, 2, 3… without gaps within a ticket. */
  sequence: z.int().min(1),
  at: time,
  actor: z.object({ kind: word(actorKinds), id: z.string().max(100).optional() }),
  snapshot: snapshotSchema,
};

function fact<const Type extends string, Shape extends z.ZodRawShape>(type: Type, shape: Shape) {
  return z.object({ ...envelope, type: z.literal(type), ...shape });
}

const seconds = z.number().min(0);
/** A dimension's value before and after; absent means none. Words and ids only. */
const change = { from: z.string().max(100).optional(), to: z.string().max(100).optional() };

/** The facts that exist today, each with what it carries. Durations are seconds, ≥ 0, computed by ticketing. */
export const factSchemas = {
  opened: fact('opened', {
    eventId: uuid.optional(),
    firstOf: z.enum(['new', 'follow_up']),
    followUpOf: uuid.optional(),
  }),
  message_added: fact('message_added', {
    messageId: uuid,
    eventId: uuid.optional(),
    direction: z.enum(['inbound', 'outbound']),
    automatic: z.boolean(),
    channel: word(channels),
  }),
  note_added: fact('note_added', { noteId: uuid }),
  tags_changed: fact('tags_changed', { added: z.array(z.string().max(100)), removed: z.array(z.string().max(100)) }),
  customer_linked: fact('customer_linked', {
    ...change,
    fromOrganizationId: uuid.optional(),
    fromSegment: z.string().max(100).optional(),
  }),
  assigned: fact('assigned', {
    fromTeam: uuid.optional(),
    toTeam: uuid.optional(),
    fromAgent: uuid.optional(),
    toAgent: uuid.optional(),
    /** True when the ticket leaves a team. */
    transfer: z.boolean(),
  }),
  priority_changed: fact('priority_changed', change),
  category_changed: fact('category_changed', change),
  status_changed: fact('status_changed', change),
  responded: fact('responded', {
    clock: word(responseClocks),
    waitSeconds: seconds,
    businessSeconds: seconds.optional(),
    replyId: uuid.optional(),
    messageId: uuid,
  }),
  response_retracted: fact('response_retracted', {
    clock: word(responseClocks),
    /** The fact that is taken back, with the instant and the value under which it was counted. */
    retracts: uuid,
    retractedAt: time,
    waitSeconds: seconds,
    retractedSnapshot: snapshotSchema,
  }),
  reply_requested: fact('reply_requested', {
    replyId: uuid,
    automatic: z.boolean(),
    /** What it leaves by, and, where that is not the customer's own channel, what it stands in for and why. */
    channel: word(channels).optional(),
    insteadOf: word(channels).optional(),
    fallback: word(fallbackReasons).optional(),
  }),
  reply_state_changed: fact('reply_state_changed', {
    replyId: uuid,
    from: word(deliveryStates).optional(),
    state: word(deliveryStates),
    automatic: z.boolean(),
    errorCode: z.string().max(60).optional(),
  }),
  resolved: fact('resolved', {
    seconds,
    businessSeconds: seconds.optional(),
    /** Outbound messages by people until the resolution; one-touch means at most one. */
    touches: count,
    transfers: count,
  }),
  reopened: fact('reopened', {
    /** The resolution that ends: its fact, instant, measures and snapshot, so that it can be taken back. */
    retracts: uuid,
    retractedAt: time,
    seconds,
    touches: count,
    transfers: count,
    retractedSnapshot: snapshotSchema,
  }),
  closed: fact('closed', {}),
  merged: fact('merged', { into: uuid, wasOpen: z.boolean() }),
  erased: fact('erased', {}),
} as const;

type FactOf = { [Type in keyof typeof factSchemas]: z.infer<(typeof factSchemas)[Type]> };
/** A fact of a ticket, one of the known types. */
export type TicketChanged = FactOf[keyof FactOf];
export type TicketFact<Type extends keyof FactOf> = FactOf[Type];

/** A fact of a newer writer: counted in the sequence, otherwise ignored. */
const unknownFact = z.object({
  ...envelope,
  type: z.string().regex(new RegExp(`^(?!(?:${Object.keys(factSchemas).join('|')})$)[a-z][a-z0-9_]{0,39}$`)),
});

/** ticket.changed.v1 as readers take it: a known fact, or a well-formed one of an unknown type. */
export const ticketChangedSchema = z.union([
  z.discriminatedUnion('type', Object.values(factSchemas) as never),
  unknownFact,
]) as unknown as z.ZodType<TicketChanged | UnknownFact>;
export type UnknownFact = Omit<z.infer<typeof unknownFact>, 'type'> & { readonly type: 'unknown_to_us' };

/** Tells facts that this release knows from those of a newer writer. */
export function isKnownFact(fact: { readonly type: string }): fact is TicketChanged {
  return fact.type in factSchemas;
}
