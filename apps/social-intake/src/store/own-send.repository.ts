import type { Database } from '#postgres';

/** An answer of ours of which we do not know yet whether, or as which message, it went out. */
export interface Unsettled {
  readonly id: string;
  readonly text: string;
  /** It is under way, or was until a minute ago: its message id may still be told. */
  readonly isRecent: boolean;
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

  async findByMessageId(messageId: string): Promise<string | undefined> {
    const [found] = await this.database.query<{ reply_id: string }>({
      name: 'find-own-send',
      text: 'select reply_id from outbound where provider_message_id = $1 limit 1',
      values: [messageId],
    });
    return found?.reply_id;
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
