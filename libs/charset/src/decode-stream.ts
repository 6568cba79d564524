import chardet from 'chardet';
import iconv from 'iconv-lite';
import { isRefused, labelOf } from './labels.js';

const sampleBytes = 16 * 1024;
const fallback = 'windows-1258';
const mostly = 0.6;
const rarely = 0.1;

/** Whether text stated to be in this charset can be read. */
export function isKnownCharset(stated: string): boolean {
  const label = labelOf(stated);
  return !isRefused(label) && iconv.encodingExists(label);
}

/**
 * The charset of a text too large to hold: by its byte order mark, as UTF-16 by the zero bytes of its beginning, as UTF-8 where every
 * byte of it fits, else the likeliest of what is not ASCII. TCVN looks like windows-1258, so it has to be stated.
 */
export async function detectCharset(chunks: AsyncIterable<Buffer>): Promise<string> {
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  let isUtf8 = true;
  let isFirst = true;
  const sample: Buffer[] = [];
  let sampled = 0;
  for await (const chunk of chunks) {
    const wide = isFirst ? utf16Of(chunk) : undefined;
    if (wide !== undefined) return wide;
    isFirst = false;
    isUtf8 = isUtf8 && fits(utf8, chunk);
    const special = sampled < sampleBytes ? chunk.findIndex((byte) => byte > 0x7f) : -1;
    if (special >= 0) {
      sample.push(chunk.subarray(special, special + sampleBytes));
      sampled += Math.min(sampleBytes, chunk.length - special);
    }
    if (!isUtf8 && sampled >= sampleBytes) break;
  }
  if (isUtf8 && fits(utf8)) return 'utf-8';
  const name = labelOf(chardet.detect(Buffer.concat(sample)) ?? fallback);
  return isKnownCharset(name) ? name : fallback;
}

/** Decodes chunk by chunk, without a byte order mark; bytes that mean nothing become U+FFFD. Not in NFC: a mark may come with the next chunk. */
export async function* decodeStream(chunks: AsyncIterable<Buffer>, charset: string): AsyncGenerator<string> {
  const decoder = iconv.getDecoder(labelOf(charset));
  for await (const chunk of chunks) yield decoder.write(chunk);
  yield decoder.end() ?? '';
}

function fits(decoder: InstanceType<typeof TextDecoder>, chunk?: Buffer): boolean {
  try {
    if (chunk === undefined) decoder.decode();
    else decoder.decode(chunk, { stream: true });
    return true;
  } catch (error) {
    // By name, since it may come from another realm.
    if ((error as Error).name === 'TypeError') return false;
    throw error;
  }
}

/** UTF-16 by its mark, or because most of every other byte at its beginning is zero: column names are mostly ASCII. */
function utf16Of(start: Buffer): 'utf-16le' | 'utf-16be' | undefined {
  const [first, second] = start;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  const head = start.subarray(0, Math.min(start.length & ~1, 64));
  if (head.length < 4) return undefined;
  const zeros = [0, 0];
  head.forEach((byte, index) => (zeros[index % 2] = (zeros[index % 2] ?? 0) + (byte === 0 ? 2 / head.length : 0)));
  const [even = 0, odd = 0] = zeros;
  if (odd > mostly && even < rarely) return 'utf-16le';
  return even > mostly && odd < rarely ? 'utf-16be' : undefined;
}
