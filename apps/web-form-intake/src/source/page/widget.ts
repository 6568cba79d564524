import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Form } from '../../normalize/form.js';
import { limits } from '../../normalize/submission.js';
import { pageLanguages, wordsOf } from './page-texts.js';

const code = readFileSync(new URL('./widget.client.js', import.meta.url), 'utf8');
const css = readFileSync(new URL('./widget.css', import.meta.url), 'utf8');

const wordNames = [
  ...[
    'name',
    'email',
    'phone',
    'organization',
    'subject',
    'message',
    'rating',
    'ratingLow',
    'ratingHigh',
    'noRating',
    'files',
  ],
  ...['required', 'choose', 'send', 'close', 'thanksTitle', 'thanks', 'reference'],
  ...['required', 'too_long', 'invalid_format', 'invalid_type', 'out_of_range', 'not_a_choice', 'invalid'].map(
    (name) => `error.${name}`,
  ),
  ...['too_many_files', 'file_too_large', 'file_type_not_allowed'].map((name) => `error.${name}`),
  ...['too_many_requests', 'busy', 'idempotency_key_reused', 'body_too_large', 'other'].map(
    (name) => `problem.${name}`,
  ),
];

export interface Widget {
  readonly text: string;
  readonly etag: string;
}

/** The script for one form: its configuration, then the code that is the same for all. */
export function widgetOf(form: Form): Widget {
  const languages = form.languages.filter((language) => pageLanguages.includes(language));
  const config = {
    form: form.id,
    languages,
    title: form.title,
    thanks: form.thanks,
    ask: form.ask,
    fields: form.fields,
    consent: form.consent,
    limits,
    css,
    words: Object.fromEntries(
      languages.map((language) => [
        language,
        Object.fromEntries(wordNames.map((name) => [name, wordsOf(language)(name)])),
      ]),
    ),
  };
  // A file of its own, so `</script>` in a text ends nothing; the block keeps the name out of the page.
  const text = `{const config=${JSON.stringify(config)};\n${code}}\n`;
  return { text, etag: `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"` };
}
