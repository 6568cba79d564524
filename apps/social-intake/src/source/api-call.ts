import type { SendOutcome } from '#intake';
import { isObject, type JsonObject } from '../normalize/json.js';

const maxAnswerBytes = 1024 * 1024;
const sendTimeoutMs = 20_000;

/** A provider's API did not answer as it must. The message holds no address: addresses hold tokens. */
export class ApiCallError extends Error {
  override readonly name = 'ApiCallError';
}

/** GET of a small JSON object from an address of our configuration; no redirects. */
export async function getJson(
  url: string,
  { signal, headers = {} }: { readonly signal: AbortSignal; readonly headers?: Readonly<Record<string, string>> },
): Promise<JsonObject> {
  try {
    const response = await fetch(url, { signal, headers: { ...headers }, redirect: 'error' });
    const text = response.ok ? await boundedText(response) : undefined;
    if (text === undefined) throw new ApiCallError(`answered ${response.status}`);
    const value: unknown = JSON.parse(text);
    if (!isObject(value)) throw new ApiCallError('the answer is no object');
    return value;
  } catch (error) {
    if (error instanceof ApiCallError) throw error;
    throw new ApiCallError(error instanceof SyntaxError ? 'the answer is no JSON' : 'no answer');
  }
}

/** What a network said to something that may have had an effect. */
export interface ApiAnswer {
  readonly kind: 'answered';
  readonly status: number;
  readonly headers: Headers;
  /** Undefined: no JSON object. */
  readonly body: JsonObject | undefined;
}

export interface ApiRequest {
  readonly headers?: Readonly<Record<string, string>>;
  /** An object leaves as JSON. */
  readonly body: URLSearchParams | Readonly<Record<string, unknown>>;
  readonly timeoutMs?: number;
}

type SilentOutcome = Exclude<SendOutcome, { kind: 'sent' }>;

/** Errors by which a request surely never left. Source: undici and libuv. */
const neverLeft: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** One POST, once; or what the silence means. Never rejects. */
export async function post(
  url: string,
  { headers = {}, body, timeoutMs = sendTimeoutMs }: ApiRequest,
): Promise<ApiAnswer | SilentOutcome> {
  const isForm = body instanceof URLSearchParams;
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...(isForm ? {} : { 'content-type': 'application/json' }), ...headers },
      body: isForm ? body : JSON.stringify(body),
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await boundedText(response);
    return { kind: 'answered', status: response.status, headers: response.headers, body: objectOf(text) };
  } catch (error) {
    const code = ((error as Error).cause as { code?: string } | undefined)?.code ?? (error as Error).name;
    if (neverLeft.has(code)) return { kind: 'not_sent', code: 'connection_refused', permanent: false, detail: code };
    return { kind: 'uncertain', detail: code };
  }
}

/** What a refusal means by its status alone: 429 and 503 took nothing; after other 5xx nobody knows. */
export function refusalByStatus(
  { status, headers }: Pick<ApiAnswer, 'status' | 'headers'>,
  detail: string,
): SilentOutcome {
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  const wait = seconds >= 0 && seconds <= 86_400 ? { retryAfterMs: seconds * 1000 } : {};
  if (status === 429) return { kind: 'not_sent', code: 'too_many_requests', permanent: false, detail, ...wait };
  if (status === 503) return { kind: 'not_sent', code: 'temporarily_rejected', permanent: false, detail, ...wait };
  if (status === 401 || status === 403)
    return { kind: 'not_sent', code: 'authentication_failed', permanent: false, detail };
  // A redirect took nothing; that the address is wrong can be mended.
  if (status >= 300 && status < 400)
    return { kind: 'not_sent', code: 'temporarily_rejected', permanent: false, detail };
  if (status >= 400 && status < 500) return { kind: 'not_sent', code: 'message_rejected', permanent: true, detail };
  return { kind: 'uncertain', detail };
}

function objectOf(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > maxAnswerBytes) throw new ApiCallError('the answer is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
