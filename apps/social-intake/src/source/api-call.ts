import { callProvider } from '#intake';
import type { JsonObject } from '../normalize/json.js';

/** A provider's API did not answer as it must. The message holds no address: addresses hold tokens. */
export class ApiCallError extends Error {
  override readonly name = 'ApiCallError';
}

/** GET of a small JSON object from an address of our configuration; no redirects. */
export async function getJson(
  url: string,
  { signal, headers = {} }: { readonly signal: AbortSignal; readonly headers?: Readonly<Record<string, string>> },
): Promise<JsonObject> {
  const answer = await callProvider(url, { method: 'GET', headers, signal });
  if (answer.kind !== 'answered') throw new ApiCallError('no answer');
  if (!answer.ok) throw new ApiCallError(`answered ${answer.status}`);
  if (answer.body === undefined) throw new ApiCallError('the answer is no JSON object');
  return answer.body;
}
