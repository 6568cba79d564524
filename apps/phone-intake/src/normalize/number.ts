import { parsePhoneNumberFromString } from 'libphonenumber-js/max';

/**
 * Vietnamese mobile numbers had eleven digits until 2018; old address books and exchanges still hold them.
 * Source: Quyết định 798/QĐ-BTTTT of 29 May 2018.
 */
const oldPrefixes: Readonly<Record<string, string>> = {
  ...{ 120: '70', 121: '79', 122: '77', 126: '76', 128: '78' },
  ...{ 123: '83', 124: '84', 125: '85', 127: '81', 129: '82' },
  ...{ 162: '32', 163: '33', 164: '34', 165: '35', 166: '36', 167: '37', 168: '38', 169: '39' },
  ...{ 186: '56', 188: '58', 199: '59' },
};
const oldMobile = /^(?:\+?84|0)(1[2689]\d)(\d{7})$/;
const withheld = new Set([
  '',
  'anonymous',
  'unknown',
  'private',
  'restricted',
  'unavailable',
  'withheld',
  '+266696687',
  '+86282452253',
]);

/** A table of calls has the same few of ours in every row, and parsing one takes longer than all else that is done with a row. */
const known = new Map<string, string | undefined>();
const knownAtMost = 2_000;

/** The number in E.164, or undefined where it is withheld or none at all. Numbers without a country are Vietnamese. */
export function e164Of(text: string): string | undefined {
  if (text.length > 40) return undefined;
  if (known.has(text)) return known.get(text);
  const number = parsed(text);
  if (known.size >= knownAtMost) known.clear();
  known.set(text, number);
  return number;
}

function parsed(text: string): string | undefined {
  if (withheld.has(text.trim().toLowerCase())) return undefined;
  const digits = text.replaceAll(/[\s().-]/g, '');
  const old = oldMobile.exec(digits);
  const prefix = old?.[1] === undefined ? undefined : oldPrefixes[old[1]];
  if (prefix !== undefined) return `+84${prefix}${old?.[2] ?? ''}`;
  const number = parsePhoneNumberFromString(digits, 'VN');
  return number?.isValid() === true ? number.number : undefined;
}
