import { takesNoFiles } from '#contracts';
import { callProvider, type Prepared, type ProviderAnswer, refusalByStatus, type SendOutcome } from '#intake';
import { idIn, isObject, listIn, textIn } from '../../normalize/json.js';
import { type Answer, notSent, refused, tooLong } from '../answer.js';
import { noFiles } from '../answer-files.js';

/** UTF-16 code units. Source: developers.line.biz/en/docs/messaging-api/text-character-count. */
const maxText = 5_000;

interface Door {
  readonly push: string;
  readonly authorization: string;
}

export function prepareMessage({ id, recipient, conversationId, text, files }: Answer, door: Door): Prepared {
  // Source: developers.line.biz/en/reference/messaging-api, "Image message": originalContentUrl.
  if (files.length > 0) return noFiles(takesNoFiles.line);
  const to = conversationId ?? recipient;
  if (!/^[UCR][0-9a-f]{32}$/.test(to)) return refused('recipient_rejected', 'the recipient is no LINE user or group');
  if (text.length > maxText) return tooLong('LINE', text.length, maxText);
  // Under one key a message is sent once, however often it is asked for.
  const headers = { authorization: door.authorization, 'x-line-retry-key': id };
  const body = { to, messages: [{ type: 'text', text }] };
  return { kind: 'ready', send: async () => outcomeOf(await callProvider(door.push, { headers, body })) };
}

/** Source: developers.line.biz/en/docs/messaging-api/retrying-api-request and reference, "Error responses". */
function outcomeOf(answer: ProviderAnswer | SendOutcome): SendOutcome {
  // The retry key makes asking again harmless: nothing stays uncertain.
  if (answer.kind === 'uncertain') return notSent('no_answer', answer.detail, { permanent: false });
  if (answer.kind !== 'answered') return answer;
  const { status, body, headers } = answer;
  const isAccepted = status === 409 && headers.has('x-line-accepted-request-id');
  if (status === 200 || isAccepted) {
    const [first] = listIn(body, 'sentMessages').filter(isObject);
    const messageId = idIn(first, 'id');
    return { kind: 'sent', ...(messageId === undefined ? {} : { messageId }) };
  }
  const detail = `LINE ${status} ${textIn(body, 'message')?.slice(0, 200) ?? ''}`.trim();
  if (status >= 500) return notSent('temporarily_rejected', detail, { permanent: false });
  return refusalByStatus(answer, detail);
}
