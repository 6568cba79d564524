import { isUtf8 } from 'node:buffer';
import { nestsDeeperThan } from '#http';
import { isObject, type JsonObject } from '../normalize/json.js';

const maxDepth = 64;
/** A number that may not fit 2^53, outside of any text: most webhooks have none and are parsed the fast way. */
const longNumber = /[:,[]\s*-?\d{16,}/;

export type ExactJson =
  | { readonly ok: true; readonly value: JsonObject }
  | { readonly ok: false; readonly detail: 'not_utf8' | 'too_deep' | 'not_json' | 'not_an_object' };

/** An object from bytes; integers beyond 2^53 become text with all their digits, since ids must stay what they are. */
export function readExactJson(bytes: Buffer): ExactJson {
  if (!isUtf8(bytes)) return { ok: false, detail: 'not_utf8' };
  if (nestsDeeperThan(bytes, maxDepth)) return { ok: false, detail: 'too_deep' };
  const text = bytes.toString('utf8');
  let value: unknown;
  try {
    value = longNumber.test(text)
      ? JSON.parse(text, exactIntegers as Parameters<typeof JSON.parse>[1])
      : JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { ok: false, detail: 'not_json' };
  }
  return isObject(value) ? { ok: true, value } : { ok: false, detail: 'not_an_object' };
}

/** Source: ECMA-262, "JSON.parse source text access". */
function exactIntegers(_key: string, value: unknown, context: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  return context.source !== undefined && /^-?\d+$/.test(context.source) ? context.source : value;
}
