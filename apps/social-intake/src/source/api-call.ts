import { isObject, type JsonObject } from '../normalize/json.js';

const maxAnswerBytes = 1024 * 1024;

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
