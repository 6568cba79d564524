import { callProvider, type ProviderAnswer, refusalByStatus } from '../outbound/provider-call.js';
import { ListError } from './list-error.js';

const patienceMs = 30_000;

export interface AskOptions {
  readonly signal: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
  /** How long a provider that says no wants to hear nothing, where it does not say so by Retry-After. Milliseconds. */
  readonly waitOf?: (answer: ProviderAnswer) => number | undefined;
}

/** GET of a JSON object, of at most 1 MiB, from a provider's API. @throws ListError for anything else. */
export async function askForList(
  url: string,
  { signal, headers = {}, waitOf }: AskOptions,
): Promise<Readonly<Record<string, unknown>>> {
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
  const answer = await callProvider(url, { method: 'GET', headers, signal: bounded });
  if (answer.kind !== 'answered') throw new ListError('no answer');
  if (!answer.ok) {
    const no = refusalByStatus(answer, `answered ${answer.status}`);
    const stated = no.kind === 'not_sent' ? no.retryAfterMs : undefined;
    throw new ListError(no.detail, waitOf?.(answer) ?? stated);
  }
  if (answer.body === undefined) throw new ListError('the answer is no JSON object');
  return answer.body;
}
