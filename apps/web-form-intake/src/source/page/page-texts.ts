import { readdirSync, readFileSync } from 'node:fs';
import type { Localized } from '../../normalize/form.js';

const folder = new URL('./texts/', import.meta.url);

/** The words of the pages in every language that has a file: another language is another file. */
const texts = new Map(
  readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => [
      name.slice(0, -'.json'.length),
      JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Record<string, string>,
    ]),
);

export const pageLanguages: readonly string[] = [...texts.keys()];

/** Words of one language. A missing word is shown by its name, which a test forbids. */
export function wordsOf(language: string): (name: string) => string {
  const words = texts.get(language) ?? texts.get('vi') ?? {};
  return (name) => words[name] ?? name;
}

/** A configured text in the language of the page, else in the first language that it has. */
export function localize(text: Localized | undefined, language: string): string {
  return text?.[language] ?? Object.values(text ?? {})[0] ?? '';
}

/**
 * The language of a page: what the address asks for, else the browser's first wish that the form speaks, else the form's first.
 * `offered` are languages with a file.
 */
export function chooseLanguage(
  offered: readonly string[],
  asked: string | undefined,
  acceptLanguage: string | undefined,
): string {
  const known = offered.filter((language) => texts.has(language));
  if (asked !== undefined && known.includes(asked)) return asked;
  const wishes = (acceptLanguage ?? '')
    .slice(0, 500)
    .split(',')
    .map((wish) => {
      const [tag = '', quality = ''] = wish.trim().split(';');
      return { language: tag.slice(0, 2).toLowerCase(), weight: Number(/^\s*q=([0-9.]+)/.exec(quality)?.[1] ?? '1') };
    })
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight);
  return wishes.find(({ language }) => known.includes(language))?.language ?? known[0] ?? 'vi';
}
