import { isUtf8 } from 'node:buffer';
import { type Checked, refuse } from './checked.js';

/** How the original of a submission is written. `rendition` is our JSON of a multipart body: its fields, and files by hash. */
export const bodyFormats = {
  json: 'application/json',
  urlencoded: 'application/x-www-form-urlencoded',
  rendition: 'application/vnd.phanhoi.form+json',
} as const;
export type BodyFormat = keyof typeof bodyFormats;

/** Of an original; what we do not know is tried as JSON. */
export function formatOf(contentType: string | undefined): BodyFormat {
  if (contentType === bodyFormats.urlencoded) return 'urlencoded';
  return contentType === bodyFormats.rendition ? 'rendition' : 'json';
}

const byteOrderMark = '\ufeff';

/** From bytes to a plain object whose content nobody has looked at yet. Of keys that stand twice in JSON the last one counts. */
export function parseBody(format: BodyFormat, bytes: Buffer): Checked<Record<string, unknown>> {
  if (bytes.length === 0) return refuse('malformed', 'empty_body', 'The body is empty');
  if (!isUtf8(bytes)) return refuse('malformed', 'invalid_encoding', 'The body is not valid UTF-8');
  const text = bytes.toString('utf8');
  return format === 'urlencoded' ? parsePairs(text) : parseJson(text);
}

function parseJson(text: string): Checked<Record<string, unknown>> {
  let json: unknown;
  try {
    json = JSON.parse(text.startsWith(byteOrderMark) ? text.slice(1) : text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return refuse('malformed', 'invalid_json', 'The body is not valid JSON');
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    return refuse('malformed', 'invalid_json', 'The body must be a JSON object');
  }
  return { ok: true, value: json as Record<string, unknown> };
}

function parsePairs(text: string): Checked<Record<string, unknown>> {
  return fromTexts([...new URLSearchParams(text)]);
}

/**
 * The object that texts of an HTML form stand for: `rating` as a number, `consent` as a truth value, `fields[name]` gathered,
 * empty texts left out. What is no such value stays text, so that the check names it.
 */
export function fromTexts(
  pairs: readonly (readonly [name: string, value: string])[],
): Checked<Record<string, unknown>> {
  const seen = new Set<string>();
  const fields: [string, unknown][] = [];
  const top: [string, unknown][] = [];
  for (const [name, value] of pairs) {
    if (seen.has(name)) return refuse('malformed', 'duplicate_field', 'A field stands twice');
    seen.add(name);
    if (value === '') continue;
    const inner = /^fields\[([^\]]{1,200})\]$/.exec(name)?.[1];
    if (inner !== undefined) {
      fields.push([inner, value]);
    } else if (name === 'fields') {
      const parsed = parseJson(value);
      if (!parsed.ok) return parsed;
      fields.push(...Object.entries(parsed.value));
    } else {
      top.push([name, topValue(name, value)]);
    }
  }
  // fromEntries defines keys, so that `__proto__` stays a key and is refused by name.
  const gathered = fields.length === 0 ? {} : { fields: Object.fromEntries(fields) };
  return { ok: true, value: { ...Object.fromEntries(top), ...gathered } };
}

const truths: Readonly<Record<string, boolean>> = {
  true: true,
  on: true,
  '1': true,
  yes: true,
  false: false,
  '0': false,
  no: false,
};

function topValue(name: string, value: string): unknown {
  if (name === 'rating' && /^\d{1,3}$/.test(value)) return Number(value);
  if (name === 'consent') return truths[value] ?? value;
  return value;
}
