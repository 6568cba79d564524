import { Injectable } from '@nestjs/common';
import type { Call } from '#contracts';
import type { Transaction } from '#postgres';
import type { KnownCall } from '../domain/calls.js';
import type { Amendment } from '../domain/message.js';
import type { ConversationState, CustomerState, IdentityState, ReroutedAnswer } from '../domain/feedback-world.js';
import type { ReferenceState } from '../domain/threading.js';
import { arrayLiteral, type BulkColumn, BulkInsert, BulkUpdate } from './bulk-write.js';
import { insertCustomers, updateAcknowledged } from './customer.rows.js';

export interface ProposedIdentity extends IdentityState {
  readonly displayName: string | null;
  readonly verified: boolean;
}

export interface ProposedConversation extends ConversationState {
  readonly channel: string;
  readonly account: string;
}

/** What the row of a Message-ID says if it is new. */
export type ProposedReference = Omit<ReferenceState, 'waiting'>;

const upsertIdentities = new BulkInsert<ProposedIdentity & { readonly now: string }>(
  'identities',
  [
    { name: 'id', type: 'uuid', of: (identity) => identity.id },
    { name: 'kind', type: 'text', of: (identity) => identity.kind },
    { name: 'value', type: 'text', of: (identity) => identity.value },
    { name: 'customer_id', type: 'uuid', of: (identity) => identity.customerId },
    { name: 'display_name', type: 'text', of: (identity) => identity.displayName },
    { name: 'verified', type: 'boolean', of: (identity) => identity.verified },
    { name: 'created_at', type: 'timestamptz', of: (identity) => identity.now },
  ],
  // Updating is what locks the row of an identity that is known already.
  `on conflict (kind, value) do update set verified = identities.verified or excluded.verified,
     display_name = coalesce(identities.display_name, excluded.display_name)
   returning id, kind, value, customer_id as "customerId"`,
);

const upsertConversations = new BulkInsert<ProposedConversation>(
  'conversations',
  [
    { name: 'key', type: 'text', of: (conversation) => conversation.key },
    { name: 'channel', type: 'text', of: (conversation) => conversation.channel },
    { name: 'account', type: 'text', of: (conversation) => conversation.account },
    { name: 'ticket_id', type: 'uuid', of: (conversation) => conversation.ticketId },
  ],
  'on conflict (key) do update set account = conversations.account returning key, ticket_id as "ticketId"',
);

const returnedReference = 'key, ticket_id as "ticketId", message_id as "messageId", revision, waiting';

const upsertReferences = new BulkInsert<ProposedReference>(
  'mail_references',
  [
    { name: 'key', type: 'uuid', of: (reference) => reference.key },
    { name: 'ticket_id', type: 'uuid', of: (reference) => reference.ticketId },
    { name: 'message_id', type: 'uuid', of: (reference) => reference.messageId },
    { name: 'revision', type: 'text', of: (reference) => reference.revision },
  ],
  `on conflict (key) do update set revision = mail_references.revision returning ${returnedReference}`,
);

const saveConversations = new BulkUpdate<ConversationState>(
  'conversations',
  [
    { name: 'key', type: 'text', of: (conversation) => conversation.key },
    { name: 'ticket_id', type: 'uuid', of: (conversation) => conversation.ticketId },
  ],
  'save',
);

const referenceColumns: readonly BulkColumn<ReferenceState>[] = [
  { name: 'key', type: 'uuid', of: (reference) => reference.key },
  { name: 'ticket_id', type: 'uuid', of: (reference) => reference.ticketId },
  { name: 'message_id', type: 'uuid', of: (reference) => reference.messageId },
  { name: 'revision', type: 'text', of: (reference) => reference.revision },
  { name: 'waiting', type: 'text', cast: 'uuid[]', of: (reference) => arrayLiteral(reference.waiting) },
];
const saveReferences = new BulkUpdate<ReferenceState>('mail_references', referenceColumns, 'save');

const byText = <Key extends string>(key: Key) => {
  return (a: Readonly<Record<Key, string>>, b: Readonly<Record<Key, string>>) => (a[key] < b[key] ? -1 : 1);
};

/** Identities, conversations and Message-IDs: the rows on which messages of one sender or one thread meet. All methods take many. */
@Injectable()
export class FeedbackStore {
  /** Locks, sorted by table and key, so that no two batches wait for each other in a circle. */
  async lockIdentities(tx: Transaction, proposed: readonly ProposedIdentity[], now: Date): Promise<IdentityState[]> {
    const sorted = [...proposed].sort((a, b) => (a.kind === b.kind ? byText('value')(a, b) : byText('kind')(a, b)));
    const rows = sorted.map((identity) => ({ ...identity, now: now.toISOString() }));
    return upsertIdentities.run<IdentityState>(tx, rows);
  }

  async lockConversations(tx: Transaction, proposed: readonly ProposedConversation[]): Promise<ConversationState[]> {
    return upsertConversations.run<ConversationState>(tx, [...proposed].sort(byText('key')));
  }

  async lockReferences(tx: Transaction, proposed: readonly ProposedReference[]): Promise<ReferenceState[]> {
    return upsertReferences.run<ReferenceState>(tx, [...proposed].sort(byText('key')));
  }

  async readReferences(tx: Transaction, keys: readonly string[]): Promise<ReferenceState[]> {
    if (keys.length === 0) return [];
    const text = `select ${returnedReference} from mail_references where key = any ($1::uuid[]) and ticket_id is not null`;
    return tx.query<ReferenceState>('mail_references_read', text, [keys]);
  }

  async findMessages(tx: Transaction, ids: readonly string[]): Promise<{ id: string; ticketId: string | null }[]> {
    if (ids.length === 0) return [];
    const text = 'select id, ticket_id as "ticketId" from messages where id = any ($1::uuid[])';
    return tx.query('messages_find', text, [ids]);
  }

  async findTickets(
    tx: Transaction,
    by: { readonly numbers: readonly number[]; readonly references: readonly string[] },
  ): Promise<{ id: string; number: number; reference: string | null }[]> {
    if (by.numbers.length + by.references.length === 0) return [];
    const text =
      'select id, number, reference from tickets where number = any ($1::integer[]) or reference = any ($2::text[])';
    return tx.query('tickets_find', text, [by.numbers, by.references]);
  }

  async loadCustomers(tx: Transaction, ids: readonly string[]): Promise<CustomerState[]> {
    if (ids.length === 0) return [];
    return tx.query<CustomerState>(
      'customers_load',
      `select customers.id, false as "isNew", customers.name, language, organization_id as "organizationId", segment,
              acknowledged_at as "acknowledgedAt", false as "acknowledgedNow"
       from customers left join organizations on organizations.id = organization_id
       where customers.id = any ($1::uuid[])`,
      [ids],
    );
  }

  async findOrganizations(tx: Transaction, domains: readonly string[]) {
    if (domains.length === 0) return [];
    return tx.query<{ id: string; segment: string | null; domain: string }>(
      'organizations_find',
      `select id, segment, domain from organizations cross join unnest(domains) as domain
       where domains && $1::text[] and domain = any ($1::text[])`,
      [domains],
    );
  }

  /** Edits that came before these messages; they are taken out. */
  async takeAmendments(tx: Transaction, messageIds: readonly string[]): Promise<Amendment[]> {
    if (messageIds.length === 0) return [];
    const text = `delete from pending_edits where message_id = any ($1::uuid[])
                  returning message_id as "messageId", text, html, at, deletion, attachments::text, files_only as "filesOnly"`;
    return tx.query<Amendment>('pending_edits_take', text, [messageIds]);
  }

  /** Calls on tickets to the same numbers that began about the same time. */
  async findCalls(tx: Transaction, calls: readonly Call[], withinSeconds: number): Promise<KnownCall[]> {
    if (calls.length === 0) return [];
    return tx.query<KnownCall>(
      'calls_find',
      `select distinct on (messages.id) messages.id as "messageId", messages.call
       from unnest($1::text[], $2::timestamptz[]) as given (called, at)
       join messages on kind = 'call' and messages.call ->> 'to' = given.called and ticket_id is not null
         and occurred_at between given.at - make_interval(secs => $3) and given.at + make_interval(secs => $3)`,
      [calls.map(({ to }) => to), calls.map(({ startedAt }) => startedAt), withinSeconds],
    );
  }

  /** The tickets that were last answered to these identities by another channel than theirs. */
  async findRerouted(tx: Transaction, identityIds: readonly string[]): Promise<ReroutedAnswer[]> {
    if (identityIds.length === 0) return [];
    return tx.query<ReroutedAnswer>(
      'messages_rerouted',
      `select distinct on (identity_id, channel, account) identity_id as "identityId", channel, account, ticket_id as "ticketId"
       from messages where identity_id = any ($1::uuid[]) and instead_of is not null and ticket_id is not null
       order by identity_id, channel, account, occurred_at desc, id desc`,
      [identityIds],
    );
  }

  /** Which of the events were erased. */
  async findErased(tx: Transaction, eventIds: readonly string[]): Promise<Set<string>> {
    if (eventIds.length === 0) return new Set();
    const text = 'select event_id as id from erased_events where event_id = any ($1::uuid[])';
    return new Set((await tx.query<{ id: string }>('erased_events_find', text, [eventIds])).map(({ id }) => id));
  }

  async reserveNumbers(tx: Transaction, count: number): Promise<number[]> {
    const text = "select nextval('ticket_numbers')::integer as number from generate_series(1, $1)";
    const rows = await tx.query<{ number: number }>('ticket_numbers_reserve', text, [count]);
    return rows.map(({ number }) => number);
  }

  async save(
    tx: Transaction,
    changed: {
      readonly customers: readonly CustomerState[];
      readonly conversations: readonly ConversationState[];
      readonly references: readonly ReferenceState[];
      readonly now: Date;
    },
  ): Promise<void> {
    const now = changed.now.toISOString();
    const rows = changed.customers.map((customer) => ({ customer, now }));
    await insertCustomers.run(
      tx,
      rows.filter(({ customer }) => customer.isNew),
    );
    const acknowledged = rows.filter(({ customer }) => !customer.isNew && customer.acknowledgedNow);
    await updateAcknowledged.run(
      tx,
      acknowledged.sort((a, b) => byText('id')(a.customer, b.customer)),
    );
    await saveConversations.run(tx, changed.conversations);
    await saveReferences.run(tx, changed.references);
  }
}
