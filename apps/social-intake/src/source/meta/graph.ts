import { callProvider, type ProviderAnswer, refusalByStatus, type SendOutcome } from '#intake';
import { idIn, isObject, type JsonObject, listIn, numberIn, objectIn } from '../../normalize/json.js';
import { notSent } from '../answer.js';
import { graphMeaning } from './graph-errors.js';

/** The Graph API for one account. */
export interface Graph {
  /** With its version; without a slash at its end. */
  readonly api: string;
  readonly accessToken: string;
}

/** Posts what has an effect; `idOf` finds the message's id in an answer that says yes. Never rejects. */
export async function postToGraph(
  { api, accessToken }: Graph,
  path: string,
  body: FormData | Readonly<Record<string, unknown>>,
  idOf: (body: JsonObject) => string | undefined,
): Promise<SendOutcome> {
  const answer = await callProvider(`${api}/${path}`, { body, headers: { authorization: `Bearer ${accessToken}` } });
  if (answer.kind !== 'answered') return answer;
  if (answer.ok && answer.body !== undefined) {
    const messageId = idOf(answer.body);
    // Without an id there is no message that Meta would speak of.
    return messageId === undefined
      ? { kind: 'uncertain', detail: 'Meta named no message' }
      : { kind: 'sent', messageId };
  }
  return refusalOf(answer);
}

/** How long Meta wants to hear nothing, as far as its answer says so. Milliseconds. */
export function graphWaitOf(answer: ProviderAnswer): number | undefined {
  const refusal = refusalOf(answer);
  return refusal.kind === 'not_sent' ? refusal.retryAfterMs : undefined;
}

function refusalOf(answer: ProviderAnswer): SendOutcome {
  const error = objectIn(answer.body, 'error');
  const code = idIn(error, 'code');
  const subcode = idIn(error, 'error_subcode');
  const detail = ['Meta', answer.status, code, subcode].filter((part) => part !== undefined).join(' ');
  const meaning = graphMeaning(code, subcode);
  if (meaning === 'uncertain') return { kind: 'uncertain', detail };
  if (meaning === undefined) {
    const isTransient = error?.is_transient === true && answer.status < 500;
    return isTransient
      ? notSent('temporarily_rejected', detail, { permanent: false })
      : refusalByStatus(answer, detail);
  }
  const wait = meaning.code === 'too_many_requests' ? waitOf(answer.headers) : undefined;
  return notSent(meaning.code, detail, {
    permanent: meaning.permanent,
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  });
}

/** Minutes until the account may go on. Source: developers.facebook.com/docs/graph-api/overview/rate-limiting, "Headers". */
function waitOf(headers: Headers): number | undefined {
  const usage = headers.get('x-business-use-case-usage');
  if (usage === null || usage.length > 10_000) return undefined;
  try {
    const uses: unknown = JSON.parse(usage);
    if (!isObject(uses)) return undefined;
    const minutes = Object.keys(uses).flatMap((id) =>
      listIn(uses, id).map((use) => numberIn(isObject(use) ? use : undefined, 'estimated_time_to_regain_access') ?? 0),
    );
    const longest = Math.max(0, ...minutes);
    return longest > 0 && longest <= 1_440 ? longest * 60_000 : undefined;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}
