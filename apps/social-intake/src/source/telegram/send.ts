import { telegramFiles } from '#contracts';
import { callProvider, type Prepared, type ProviderAnswer, refusalByStatus, type SendOutcome } from '#intake';
import { idIn, isObject, type JsonObject, listIn, numberIn, objectIn, textIn } from '../../normalize/json.js';
import { type Answer, notSent, refused, tooLong } from '../answer.js';
import { type FittingFile, fittingFiles, isRefusal } from '../answer-files.js';
import { sendInParts } from '../parts.js';

/** Characters as Telegram counts them: UTF-16 code units. Source: core.telegram.org/bots/api, "sendMessage", "MessageEntity". */
const maxText = 4_096;

/** Of the words below a file. Source: core.telegram.org/bots/api, "sendDocument". */
const maxCaption = 1_024;

/** @param bot address of the Bot API with the bot's token: never shown. */
export async function prepareMessage(answer: Answer, bot: string): Promise<Prepared> {
  const { text, recipient, conversationId = recipient, inReplyTo, files } = answer;
  if (!/^-?\d{1,20}$/.test(conversationId)) return refused('recipient_rejected', 'the recipient is no Telegram chat');
  if (text.length > maxText) return tooLong('Telegram', text.length, maxText);
  const [chat, answered] = inReplyTo?.split(':') ?? [];
  // The message may have been deleted since: the answer matters more than what it hangs on.
  const reply_parameters = { message_id: Number(answered), allow_sending_without_reply: true };
  const head = {
    chat_id: conversationId,
    ...(chat === conversationId && /^\d{1,15}$/.test(answered ?? '') ? { reply_parameters } : {}),
  };
  const ask = async (method: string, body: FormData | Readonly<Record<string, unknown>>) =>
    outcomeOf(await callProvider(`${bot}/${method}`, { body }), conversationId);
  const words = () => ask('sendMessage', { ...head, text });
  if (files.length === 0) return { kind: 'ready', send: words };
  const fitting = fittingFiles(files, telegramFiles);
  if (isRefusal(fitting)) return fitting;
  const caption = text.length <= maxCaption ? text : '';
  const { method, form } = await albumOf(fitting, head, caption);
  const album = () => ask(method, form);
  return { kind: 'ready', send: () => sendInParts(caption === text ? [album] : [album, words]) };
}

/** All files in one message, the words below: one file, or an album of files of one kind. Source: core.telegram.org/bots/api, "sendMediaGroup". */
async function albumOf(
  files: readonly FittingFile<'photo' | 'document'>[],
  head: Readonly<Record<string, unknown>>,
  caption: string,
): Promise<{ readonly method: string; readonly form: FormData }> {
  const form = new FormData();
  for (const [name, value] of Object.entries(head)) {
    form.set(name, typeof value === 'string' ? value : JSON.stringify(value));
  }
  // Photographs and other files are never in one album.
  const as = files.every((file) => file.as === 'photo') ? 'photo' : 'document';
  const isAlone = files.length === 1;
  for (const [index, { file }] of files.entries()) {
    form.set(isAlone ? as : `file${index}`, await file.read(), file.name);
  }
  if (isAlone) {
    if (caption !== '') form.set('caption', caption);
    return { method: as === 'photo' ? 'sendPhoto' : 'sendDocument', form };
  }
  const media = files.map((_, index) => ({
    ...{ type: as, media: `attach://file${index}` },
    ...(index === 0 && caption !== '' ? { caption } : {}),
  }));
  form.set('media', JSON.stringify(media));
  return { method: 'sendMediaGroup', form };
}

/** Source: core.telegram.org/bots/api, "Making requests", "ResponseParameters"; descriptions as in github.com/tdlib/telegram-bot-api. */
function outcomeOf(answer: ProviderAnswer | SendOutcome, chat: string): SendOutcome {
  if (answer.kind !== 'answered') return answer;
  const { body, status } = answer;
  if (body?.ok === true) {
    // An album is several messages: the first has the words.
    const [first] = listIn(body, 'result').filter(isObject);
    const id = idIn(first ?? objectIn(body, 'result'), 'message_id');
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

/** How long Telegram wants to hear nothing, of an answer with 429. Seconds. */
export function retryAfter(body: JsonObject | undefined): number | undefined {
  const seconds = numberIn(objectIn(body, 'parameters'), 'retry_after');
  return seconds !== undefined && seconds >= 0 && seconds <= 86_400 ? seconds : undefined;
}
