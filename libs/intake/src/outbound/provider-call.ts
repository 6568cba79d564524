import type { SendOutcome } from './reply-sender.js';

const maxAnswerBytes = 1024 * 1024;
const patienceMs = 30_000;

/** What a provider said. */
export interface ProviderAnswer {
  readonly kind: 'answered';
  readonly status: number;
  /** 2xx. */
  readonly ok: boolean;
  readonly headers: Headers;
  /** Undefined: no JSON object. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
}

export interface ProviderRequest {
  readonly method?: 'GET' | 'POST' | 'PUT';
  readonly headers?: Readonly<Record<string, string>>;
  /** An object leaves as JSON; of forms those with files as multipart. */
  readonly body?: URLSearchParams | FormData | Readonly<Record<string, unknown>>;
  /** Default: 30 s. */
  readonly signal?: AbortSignal;
}

/** What no answer, or a no, means for something that was to be sent. */
export type NotSent = Exclude<SendOutcome, { kind: 'sent' }>;

/** Errors by which a request surely never left. Source: undici and libuv. */
const neverLeft: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** One request to a provider, once; or what the silence means. Follows no redirect; answers above 1 MiB count as silence. Never rejects. */
export async function callProvider(
  url: string,
  { method = 'POST', headers = {}, body, signal = AbortSignal.timeout(patienceMs) }: ProviderRequest,
): Promise<ProviderAnswer | NotSent> {
  const isForm = body instanceof URLSearchParams || body instanceof FormData;
  const isJson = body !== undefined && !isForm;
  try {
    const response = await fetch(url, {
      method,
      headers: { ...(isJson ? { 'content-type': 'application/json' } : {}), ...headers },
      ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
      redirect: 'manual',
      signal,
    });
    const text = await boundedText(response);
    const { status, ok } = response;
    return { kind: 'answered', status, ok, headers: response.headers, body: objectOf(text) };
  } catch (error) {
    const code = ((error as Error).cause as { code?: string } | undefined)?.code ?? (error as Error).name;
    if (neverLeft.has(code)) return { kind: 'not_sent', code: 'connection_refused', permanent: false, detail: code };
    return { kind: 'uncertain', detail: code };
  }
}

/** What a refusal means by its status alone: 429 and 503 took nothing; after other 5xx nobody knows. */
export function refusalByStatus(
  { status, headers }: Pick<ProviderAnswer, 'status' | 'headers'>,
  detail: string,
): NotSent {
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

function objectOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined;
    throw error;
  }
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > maxAnswerBytes) throw new RangeError('the answer is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
