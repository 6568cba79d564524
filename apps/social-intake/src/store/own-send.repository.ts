import type { Identity } from '#contracts';
import type { Database } from '#postgres';

/** An answer of ours of which we do not know yet whether, or as which message, it went out. */
export interface Unsettled {
  readonly id: string;
  readonly text: string;
  /** It is under way, or was until a minute ago: its message id may still be told. */
  readonly isRecent: boolean;
}

/** A reply, and the network's id of it where that is what it was found by. */
export interface OwnSend {
  readonly replyId: string;
  readonly messageId?: string | undefined;
}

interface SentUntil {
  readonly parties: readonly Identity[];
  readonly until: Date;
  readonly isRead: boolean;
}

/** Where an echo was said. Of an account, to a person, or below a comment of a post. */
export interface EchoPlace {
  readonly account: string;
  readonly recipient?: string | undefined;
  readonly inReplyTo?: string | undefined;
  readonly conversationId?: string | undefined;
}

/** What networks tell of our side, looked up among the answers that we have sent. */
export class OwnSendRepository {
  constructor(private readonly database: Database) {}

  async findByMessageIds(messageIds: readonly string[]): Promise<OwnSend[]> {
    return await this.database.query<OwnSend>({
      name: 'find-own-sends',
      text: `select reply_id as "replyId", provider_message_id as "messageId" from outbound
             where provider_message_id = any($1::text[])`,
      values: [messageIds],
    });
  }

  /** What a person was sent until then and is not known to have come so far. A week is longer than windows are open. */
  async listSentUntil({ parties, until, isRead }: SentUntil): Promise<OwnSend[]> {
    return await this.database.query<OwnSend>({
      name: 'list-sent-until',
      text: `select reply_id as "replyId" from outbound
             where state in ('sent', 'delivered') and ($3 or state = 'sent') and payload->'to'->>'value' = any($1::text[])
               and claimed_at <= $2 and claimed_at > $2::timestamptz - interval '7 days'
             order by position limit 1000`,
      values: [parties.map(({ value }) => value), until, isRead],
    });
  }

  /** Whether an answer to one of them is under way, or was until a minute ago: its message id may still be told. */
  async isSendingTo(parties: readonly Identity[]): Promise<boolean> {
    const found = await this.database.query<object>({
      name: 'is-sending-to',
      text: `select 1 from outbound
             where state in ('sending', 'uncertain') and payload->'to'->>'value' = any($1::text[])
               and (state = 'sending' or updated_at > clock_timestamp() - interval '60 seconds') limit 1`,
      values: [parties.map(({ value }) => value)],
    });
    return found.length > 0;
  }

  async listUnsettled({ account, recipient, inReplyTo, conversationId }: EchoPlace): Promise<Unsettled[]> {
    return await this.database.query<Unsettled>({
      name: 'list-unsettled-sends',
      text: `select reply_id as id, payload->>'text' as text,
                    state = 'sending' or updated_at > clock_timestamp() - interval '60 seconds' as "isRecent"
             from outbound
             where state in ('sending', 'uncertain') and updated_at > clock_timestamp() - interval '1 day'
               and payload->>'account' = $1
               and (payload->'to'->>'value' = $2 or payload->'thread'->>'inReplyTo' = $3
                    or payload->'thread'->>'providerConversationId' = $4)
             order by position limit 100`,
      values: [account, recipient ?? null, inReplyTo ?? null, conversationId ?? null],
    });
  }
}
