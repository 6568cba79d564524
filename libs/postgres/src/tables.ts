/*
 * The tables that several services have in the same form. A service's migration runs the fragments that it needs:
 * `await queryRunner.query(inboxTable)`. They are no entities: TypeORM leaves tables alone that it does not know.
 * A fragment that has been released never changes; what changes it later is a new fragment.
 */

/** Events that this service has consumed, for ever. */
export const inboxTable = `create table inbox (event_id uuid primary key)`;

/*
 * Queues are emptied as fast as they are filled. Without an eager vacuum the dead rows at the low end of the key would be
 * walked over by every look for the lowest ids.
 */
const queueStorage = `with (
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_insert_threshold = -1,
  autovacuum_vacuum_cost_delay = 0
)`;

const wireMessageColumns = `
  id bigint generated always as identity primary key,
  topic text not null,
  key text not null,
  partition_key text not null,
  headers json not null,
  value bytea,
  timestamp_ms bigint,
  created_at timestamptz not null default clock_timestamp()`;

/** Messages that become records after the commit; emptied by OutboxRelay. */
export const outboxTable = `create table outbox (${wireMessageColumns}) ${queueStorage}`;

/** What an intake took while the broker was away (event and original as two rows, dead letters as one); drained by OutboxRelay. */
export const spoolTable = `create table spool (${wireMessageColumns}) ${queueStorage}`;

/** Who does what only one replica may do. Rows stay, so that an epoch never comes twice. */
export const leaseTable = `create table lease (
  name text primary key,
  holder text not null,
  epoch bigint not null,
  until timestamptz not null
)`;

/**
 * Replies asked of an intake. `position` is the order of arrival; at most one reply of a conversation is `sending`.
 * `next_attempt_at` is when a `requested` row may be claimed; `claimed_at` when it was.
 */
export const outboundTable = `
create table outbound (
  reply_id uuid primary key,
  position bigint generated always as identity,
  conversation_key text not null,
  state text not null default 'requested'
    check (state in ('requested', 'sending', 'sent', 'delivered', 'read', 'failed', 'uncertain')),
  payload jsonb not null,
  attempt integer not null default 0,
  next_attempt_at timestamptz not null default clock_timestamp(),
  claimed_at timestamptz,
  provider_message_id text,
  error jsonb,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp()
);
create unique index outbound_one_sending on outbound (conversation_key) where state = 'sending';
create index outbound_waiting on outbound (conversation_key, position) where state in ('requested', 'sending');
create index outbound_claimable on outbound (position) where state = 'requested';
create index outbound_sending on outbound (claimed_at) where state = 'sending';
create index outbound_provider_message on outbound (provider_message_id) where provider_message_id is not null`;

/**
 * Pairs of an access token and the refresh token that gets the next pair, by account: whether somebody is exchanging it, and hashes of
 * what was ever configured. Used by libs/intake's AccessTokens.
 */
export const tokenPairTable = `
  create table token_pair (
    account text primary key,
    access_token text,
    access_until timestamptz not null,
    refresh_token text not null,
    state text not null check (state in ('ready', 'refreshing', 'retrying', 'reauthorize')),
    configured text[] not null,
    updated_at timestamptz not null default clock_timestamp()
  )`;

/**
 * Inputs of which a file could not be fetched when they came, for LateMedia of libs/intake: the bytes of each, and when its files are
 * asked for again.
 */
export const lateMediaTable = `
  create table late_media (
    account text not null,
    sha256 text not null,
    body bytea not null,
    received_via text not null,
    attempt integer not null default 0,
    next_attempt_at timestamptz not null default clock_timestamp() + interval '15 seconds',
    created_at timestamptz not null default clock_timestamp(),
    primary key (account, sha256)
  );
  create index late_media_due on late_media (next_attempt_at)`;

/**
 * Beside `outboundTable`: how fast the replies of an account may leave, all replicas together. Until `paid_until` the account has used
 * up its rate; until `paused_until` its provider wants to hear nothing.
 */
export const outboundPace = `
alter table outbound add column account text generated always as (payload->>'account') stored;
create table outbound_pace (
  account text primary key,
  paid_until timestamptz not null default '-infinity',
  paused_until timestamptz not null default '-infinity'
)`;

/**
 * The runs of an intake that have not ended well, or not yet: `alive_until` is the last sign of life, `counted_until` until when its counts
 * are in the ledger. Used by libs/intake's Reconciler.
 */
export const presenceTable = `create table intake_presence (
  run uuid primary key,
  instance text not null,
  started_at timestamptz not null,
  alive_until timestamptz not null,
  counted_until timestamptz not null
)`;
