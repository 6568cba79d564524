import type { SendOutcome } from '#intake';

const timeoutMs = 30_000;
const maxAnswer = 256 * 1024;

export interface Answer {
  readonly status: number;
  readonly ok: boolean;
  readonly text: string;
  readonly retryAfterMs?: number;
}

/** Errors by which a request surely never left. Source: undici and libuv. */
const neverLeft = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** One request to a provider, or what its failure means for the message. Never rejects. */
export async function callProvider(url: string, init: RequestInit): Promise<Answer | SendOutcome> {
  try {
    const answer = await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) });
    const text = (await answer.text()).slice(0, maxAnswer);
    const wait = Number(answer.headers.get('retry-after') ?? Number.NaN);
    const { status, ok } = answer;
    return { status, ok, text, ...(wait >= 0 && wait <= 86_400 ? { retryAfterMs: wait * 1000 } : {}) };
  } catch (error) {
    const code = ((error as Error).cause as { code?: string } | undefined)?.code ?? (error as Error).name;
    if (neverLeft.has(code)) return { kind: 'not_sent', code: 'connection_refused', permanent: false, detail: code };
    return { kind: 'uncertain', detail: code };
  }
}

/** What a refusal by status alone means: 429 and 503 did not take it; after other 5xx nobody knows. */
export function refusalOf({ status, retryAfterMs }: Answer, detail: string): SendOutcome {
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
  if (status === 429) return { kind: 'not_sent', code: 'too_many_requests', permanent: false, detail, ...wait };
  if (status === 503) return { kind: 'not_sent', code: 'temporarily_rejected', permanent: false, detail, ...wait };
  if (status === 401 || status === 403)
    return { kind: 'not_sent', code: 'authentication_failed', permanent: false, detail };
  if (status >= 500) return { kind: 'uncertain', detail };
  return { kind: 'not_sent', code: 'message_rejected', permanent: true, detail };
}
