import { callProvider, type Prepared, type ProviderAnswer, refusalByStatus, type SendOutcome } from '#intake';
import { idIn, type JsonObject, numberIn, objectIn, textIn } from '../../normalize/json.js';
import { type Answer, notSent, refused, tooLong } from '../answer.js';

/** Characters as Telegram counts them: UTF-16 code units. Source: core.telegram.org/bots/api, "sendMessage", "MessageEntity". */
const maxText = 4_096;

/** @param bot address of the Bot API with the bot's token: never shown. */
export function prepareMessage(answer: Answer, bot: string): Prepared {
  const { text, recipient, conversationId = recipient, inReplyTo } = answer;
  if (!/^-?\d{1,20}$/.test(conversationId)) return refused('recipient_rejected', 'the recipient is no Telegram chat');
  if (text.length > maxText) return tooLong('Telegram', text.length, maxText);
  const [chat, answered] = inReplyTo?.split(':') ?? [];
  // The message may have been deleted since: the answer matters more than what it hangs on.
  const reply_parameters = { message_id: Number(answered), allow_sending_without_reply: true };
  const body = {
    chat_id: conversationId,
    text,
    ...(chat === conversationId && /^\d{1,15}$/.test(answered ?? '') ? { reply_parameters } : {}),
  };
  return {
    kind: 'ready',
    send: async () => outcomeOf(await callProvider(`${bot}/sendMessage`, { body }), conversationId),
  };
}

/** Source: core.telegram.org/bots/api, "Making requests", "ResponseParameters"; descriptions as in github.com/tdlib/telegram-bot-api. */
function outcomeOf(answer: ProviderAnswer | SendOutcome, chat: string): SendOutcome {
  if (answer.kind !== 'answered') return answer;
  const { body, status } = answer;
  if (body?.ok === true) {
    const id = idIn(objectIn(body, 'result'), 'message_id');
    return { kind: 'sent', ...(id === undefined ? {} : { messageId: `${chat}:${id}` }) };
  }
  const description = (textIn(body, 'description') ?? '').slice(0, 200);
  const detail = `Telegram ${status} ${description}`.trim();
  if (status === 429) {
    const seconds = retryAfter(body);
    const wait = seconds === undefined ? {} : { retryAfterMs: seconds * 1000 };
    return notSent('too_many_requests', detail, { permanent: false, ...wait });
  }
  if (status === 403) return notSent('recipient_unreachable', detail, { permanent: true });
  if (status === 400 && /chat not found|user not found|PEER_ID_INVALID/i.test(description)) {
    return notSent('recipient_rejected', detail, { permanent: true });
  }
  if (status === 400 && /too long/i.test(description)) return notSent('message_too_large', detail, { permanent: true });
  // An unknown token is answered with 404 as well as with 401.
  if (status === 401 || status === 404) return notSent('authentication_failed', detail, { permanent: false });
  return refusalByStatus(answer, detail);
}

function retryAfter(body: JsonObject | undefined): number | undefined {
  const seconds = numberIn(objectIn(body, 'parameters'), 'retry_after');
  return seconds !== undefined && seconds >= 0 && seconds <= 86_400 ? seconds : undefined;
}
