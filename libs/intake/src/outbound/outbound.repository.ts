import { type DeliveryState, deliveryTransitions, type ReplyDelivery, replyDeliveryMessage } from '#contracts';
import { appendOutbox, type Database, type Transaction } from '#postgres';
import type { Notice, Outgoing } from './reply-sender.js';
import { type RateArrays, rateArrays, type SendingRate } from './sending-rate.js';

/** A reply that this process may send now. */
export interface Claimed {
  readonly id: string;
  readonly attempt: number;
  readonly createdAt: Date;
  readonly outgoing: Outgoing;
}

export interface Transition {
  readonly to: DeliveryState;
  readonly messageId?: string;
  readonly error?: NonNullable<ReplyDelivery['error']>;
  /** For `requested`: when it may be tried again. */
  readonly retryAt?: Date;
  /** Until when nothing of its account may be sent: the provider asked for it. */
  readonly pauseUntil?: Date;
}

interface Row {
  reply_id: string;
  attempt: number;
  created_at: Date;
  state: DeliveryState;
  payload: Outgoing;
  account: string;
  provider_message_id: string | null;
}

/** From where each state may be reached. */
const origins = (to: DeliveryState) =>
  (Object.keys(deliveryTransitions) as DeliveryState[]).filter((from) =>
    (deliveryTransitions[from] as readonly string[]).includes(to),
  );

/** $1 to $3: the accounts with a rate, the seconds that a reply costs them, the seconds that they may be ahead. */
const rateAndHeld = `rate as (
    select account, gap * interval '1 second' as gap, slack * interval '1 second' as slack
    from unnest($1::text[], $2::float8[], $3::float8[]) as rate(account, gap, slack)
  ), held as (
    select account, greatest(paused_until, paid_until - coalesce(slack, interval '0')) as until
    from outbound_pace left join rate using (account)
    where greatest(paused_until, paid_until - coalesce(slack, interval '0')) > clock_timestamp()
  )`;
const columns = 'outbound.reply_id, attempt, created_at, state, payload, outbound.account, provider_message_id';

/** The durable queue of what is to be sent. Every transition leaves a delivery in the outbox of the same transaction. */
export class OutboundRepository {
  private readonly rates: RateArrays;

  /**
   * @param app the source of its deliveries; its schema has the tables `outbound` (with `claimed_by` and `outboundPace`) and `outbox` of
   * libs/postgres.
   * @param rates by account; the others send as fast as they can.
   */
  constructor(
    private readonly database: Database,
    private readonly app: string,
    rates: ReadonlyMap<string, SendingRate> = new Map(),
  ) {
    this.rates = rateArrays(rates);
  }

  /** Takes requests over; those that are known already are passed over. */
  async insert(tx: Transaction, outgoing: readonly Outgoing[]): Promise<void> {
    if (outgoing.length === 0) return;
    await tx.execute(
      'outbound_insert',
      `insert into outbound (reply_id, conversation_key, payload)
       select id, conversation, payload from unnest($1::uuid[], $2::text[], $3::jsonb[]) with ordinality as asked(id, conversation, payload, position)
       order by position on conflict (reply_id) do nothing`,
      [
        outgoing.map((one) => one.id),
        outgoing.map((one) => (one.kind === 'reply' ? one.conversationKey : `notice:${one.id}`)),
        outgoing.map((one) => JSON.stringify(one)),
      ],
    );
  }

  async addNotice(notice: Notice): Promise<void> {
    await this.database.transaction((tx) => this.insert(tx, [notice]));
  }

  /**
   * The oldest that may be sent: due, its account within its rate and not paused, and nothing older of its conversation waits or is on
   * its way. The rate is paid in the same statement: replicas that claim at once wait for each other at the account's row, and whose
   * turn it then is not gets nothing.
   */
  async claim(holder: string): Promise<Claimed | undefined> {
    return await this.database.transaction(
      async (tx) => {
        const [row] = await tx.query<Row>(
          'outbound_claim',
          `with ${rateAndHeld}, candidate as (
             select reply_id, account from outbound as candidate
             where state = 'requested' and next_attempt_at <= clock_timestamp() and account <> all (array(select account from held))
               and not exists (
                 select 1 from outbound as older
                 where older.conversation_key = candidate.conversation_key and older.position < candidate.position
                   and older.state in ('requested', 'sending'))
             order by position limit 1 for update skip locked
           ), paid as (
             insert into outbound_pace as pace (account, paid_until)
             select account, clock_timestamp() + gap from candidate join rate using (account)
             on conflict (account) do update
               set paid_until = greatest(pace.paid_until, clock_timestamp()) + (select gap from rate where rate.account = pace.account)
               where pace.paid_until - (select slack from rate where rate.account = pace.account) <= clock_timestamp()
                 and pace.paused_until <= clock_timestamp()
             returning account
           )
           update outbound set state = 'sending', attempt = attempt + 1, claimed_at = clock_timestamp(), claimed_by = $4, updated_at = clock_timestamp()
           from candidate where outbound.reply_id = candidate.reply_id
             and (exists (select from paid) or not exists (select from rate where rate.account = candidate.account))
           returning ${columns}`,
          [...this.rateValues, holder],
        );
        if (row === undefined) return undefined;
        await this.report(tx, row, { to: 'sending' });
        return { id: row.reply_id, attempt: row.attempt, createdAt: row.created_at, outgoing: row.payload };
      },
      { retryRaces: true },
    );
  }

  /** Milliseconds until an account that is held back now may send again; undefined when none is. */
  async heldForMs(): Promise<number | undefined> {
    const [row] = await this.database.query<{ ms: number | null }>({
      name: 'outbound_held',
      text: `with ${rateAndHeld} select (extract(epoch from min(until) - clock_timestamp()) * 1000)::float8 as ms from held`,
      values: this.rateValues,
    });
    return row?.ms ?? undefined;
  }

  /** Moves a reply on, if it is in a state from which that may be; false: it is not, somebody else has decided. */
  async move(id: string, transition: Transition, only?: { readonly attempt: number }): Promise<boolean> {
    return await this.database.transaction(async (tx) => {
      const [row] = await tx.query<Row>(
        'outbound_move',
        `update outbound set state = $2, error = $3, provider_message_id = coalesce($4, provider_message_id),
                next_attempt_at = coalesce($5::timestamptz, next_attempt_at), updated_at = clock_timestamp()
         where reply_id = $1 and state = any($6::text[]) and ($7::integer is null or attempt = $7)
         returning ${columns}`,
        [
          id,
          transition.to,
          transition.error === undefined ? null : JSON.stringify(transition.error),
          transition.messageId ?? null,
          transition.retryAt ?? null,
          origins(transition.to),
          only?.attempt ?? null,
        ],
      );
      if (row === undefined) return false;
      if (transition.pauseUntil !== undefined) await this.pause(tx, row.account, transition.pauseUntil);
      await this.report(tx, row, transition);
      return true;
    });
  }

  /** Proof from outside that replies went out: their copy in Sent, or an answer to them. Only those that were uncertain move. */
  async confirmSent(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    const rows = await this.database.query<{ reply_id: string }>({
      name: 'outbound_find_uncertain',
      text: `select reply_id from outbound where reply_id = any($1::uuid[]) and state = 'uncertain'`,
      values: [ids],
    });
    for (const { reply_id: id } of rows) await this.move(id, { to: 'sent' });
  }

  /** Which of these ids of a provider are those of replies already. */
  async knownMessageIds(ids: readonly string[]): Promise<Set<string>> {
    const rows = await this.database.query<{ id: string }>({
      name: 'outbound_known_messages',
      text: `select provider_message_id as id from outbound where provider_message_id = any($1::text[])`,
      values: [ids],
    });
    return new Set(rows.map(({ id }) => id));
  }

  /** Turns what has been `sending` for too long, or under our own name before this process started, into `uncertain`. */
  async giveUpStale(of: { readonly olderThanMs: number; readonly holder?: string }): Promise<number> {
    const rows = await this.database.query<{ reply_id: string; attempt: number }>({
      name: 'outbound_stale',
      text: `select reply_id, attempt from outbound where state = 'sending'
             and (claimed_at < clock_timestamp() - $1 * interval '1 millisecond' or claimed_by = $2) order by position limit 500`,
      values: [of.olderThanMs, of.holder ?? null],
    });
    for (const { reply_id: id, attempt } of rows) {
      await this.move(
        id,
        {
          to: 'uncertain',
          error: { code: 'no_answer', detail: 'the process that was sending it ended', permanent: false },
        },
        { attempt },
      );
    }
    return rows.length;
  }

  async listUncertain(): Promise<Claimed[]> {
    const rows = await this.database.query<Row>({
      name: 'outbound_uncertain',
      text: `select ${columns} from outbound
             where state = 'uncertain' and updated_at > clock_timestamp() - interval '1 day' order by updated_at limit 100`,
    });
    return rows.map((row) => ({
      id: row.reply_id,
      attempt: row.attempt,
      createdAt: row.created_at,
      outgoing: row.payload,
    }));
  }

  private get rateValues(): unknown[] {
    return [this.rates.accounts, this.rates.gaps, this.rates.slacks];
  }

  private async pause(tx: Transaction, account: string, until: Date): Promise<void> {
    await tx.execute(
      'outbound_pause',
      `insert into outbound_pace as pace (account, paused_until) values ($1, $2)
       on conflict (account) do update set paused_until = greatest(pace.paused_until, excluded.paused_until)`,
      [account, until],
    );
  }

  private async report(tx: Transaction, row: Row, transition: Transition): Promise<void> {
    const { payload } = row;
    if (payload.kind !== 'reply') return;
    const delivery: ReplyDelivery = {
      replyId: row.reply_id,
      ticketId: payload.ticketId,
      conversationKey: payload.conversationKey,
      state: transition.to,
      ...(row.provider_message_id === null ? {} : { providerMessageId: row.provider_message_id }),
      at: new Date().toISOString(),
      attempt: row.attempt,
      ...(transition.error === undefined ? {} : { error: transition.error }),
    };
    await appendOutbox(tx, [replyDeliveryMessage(this.app, delivery)]);
  }
}
