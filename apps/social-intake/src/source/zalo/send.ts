import { type DeliveryErrorCode, zaloFiles } from '#contracts';
import {
  type AccessTokens,
  callProvider,
  type Prepared,
  type ProviderAnswer,
  refusalByStatus,
  type SendOutcome,
} from '#intake';
import { idIn, numberIn, objectIn } from '../../normalize/json.js';
import { type Answer, isOlderThan, notSent, refused, tooLong, windowClosed } from '../answer.js';
import { fittingFiles, isRefusal } from '../answer-files.js';
import { sendInParts } from '../parts.js';
import { formOf, partsOf } from './send-files.js';

const maxText = 2_000;
const openHours = 7 * 24;
/** Zalo answers HTTP 200 to everything; these say that the access token is not good. */
const badToken: ReadonlySet<number> = new Set([-216, -220]);

/** Zalo's codes with ours. Source: developers.zalo.me/docs/official-account/phu-luc/ma-loi; codes that are not here are refusals for good. */
const codes: Readonly<Record<string, { readonly code: DeliveryErrorCode; readonly permanent: boolean }>> = {
  '-32': { code: 'too_many_requests', permanent: false },
  '-211': { code: 'too_many_requests', permanent: false },
  '-210': { code: 'message_too_large', permanent: true },
  '-213': { code: 'recipient_unreachable', permanent: true },
  '-227': { code: 'recipient_unreachable', permanent: true },
  '-230': { code: 'window_closed', permanent: true },
  '-244': { code: 'recipient_unreachable', permanent: true },
};

/** A consultation message ("cs"). Source: developers.zalo.me/docs/official-account/tin-nhan/tin-tu-van/gui-tin-tu-van-dang-van-ban. */
export async function prepareConsultation(
  answer: Answer,
  api: string,
  tokens: AccessTokens | undefined,
): Promise<Prepared> {
  const { text, recipient, files } = answer;
  if (!/^\d{1,30}$/.test(recipient)) return refused('recipient_rejected', 'the recipient is nobody on Zalo');
  if (text.length > maxText) return tooLong('Zalo', text.length, maxText);
  if (isOlderThan(answer, openHours)) return windowClosed('Zalo', openHours);
  const fitting = fittingFiles(files, zaloFiles);
  if (isRefusal(fitting)) return fitting;
  if (tokens === undefined) return refused('reauthorization_needed', 'the account has no appSecret and refreshToken');
  const access = await tokens.access();
  if (access.kind === 'later') {
    const outcome = notSent('authentication_failed', access.detail, { permanent: false, retryAfterMs: 2_000 });
    return { kind: 'ready', send: async () => outcome };
  }
  if (access.kind === 'reauthorize') {
    const outcome = notSent('reauthorization_needed', 'somebody must sign in for the account again', {
      permanent: false,
    });
    return { kind: 'ready', send: async () => outcome };
  }
  const uploads = await Promise.all(fitting.map(async ({ file, as }) => ({ as, form: await formOf(file) })));
  const { token } = access;
  const ask = async (path: string, body: FormData | Readonly<Record<string, unknown>>) => {
    const said = await callProvider(`${api}${path}`, { headers: { access_token: token }, body });
    if (said.kind === 'answered' && badToken.has(errorIn(said) ?? 0)) tokens.reject(token);
    return said;
  };
  const send = async (message: Readonly<Record<string, unknown>>): Promise<SendOutcome> => {
    const said = await ask('/v3.0/oa/message/cs', { recipient: { user_id: recipient }, message });
    return said.kind === 'answered' ? outcomeOf(said) : said;
  };
  return { kind: 'ready', send: () => sendInParts(partsOf(text, uploads, { ask, send })) };
}

const errorIn = ({ body }: ProviderAnswer) => numberIn(body, 'error');

function outcomeOf(answer: ProviderAnswer): SendOutcome {
  const error = errorIn(answer);
  const detail = `Zalo ${answer.status} ${error ?? ''}`.trim();
  if (error === undefined) return refusalByStatus(answer, detail);
  if (error === 0) {
    const messageId = idIn(objectIn(answer.body, 'data'), 'message_id');
    return { kind: 'sent', ...(messageId === undefined ? {} : { messageId }) };
  }
  if (badToken.has(error)) return notSent('authentication_failed', detail, { permanent: false });
  const known = codes[String(error)];
  return notSent(known?.code ?? 'message_rejected', detail, { permanent: known?.permanent ?? true });
}
