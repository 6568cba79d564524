const basic: ReadonlySet<string> = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
const extended: ReadonlySet<string> = new Set('\f^{}\\[~]|€');

export interface Segments {
  readonly alphabet: 'GSM-7' | 'UCS-2';
  readonly count: number;
}

/** How many units a message holds alone, and each of several: what joins them costs a header. */
const alphabets = {
  'GSM-7': { alone: 160, joined: 153 },
  'UCS-2': { alone: 70, joined: 67 },
} as const satisfies Record<Segments['alphabet'], object>;

/**
 * How many short messages a text takes: septets, or UTF-16 units as soon as one letter is beyond the basic alphabet (any of Vietnamese with
 * its marks). Sources: 3GPP TS 23.038, 6.2.1; concatenation: TS 23.040, 9.2.3.24.1.
 */
export function segmentsOf(text: string): Segments {
  const characters = [...text];
  const isBasic = characters.every((character) => basic.has(character) || extended.has(character));
  const alphabet = isBasic ? 'GSM-7' : 'UCS-2';
  const units = characters.map((character) => (isBasic ? (extended.has(character) ? 2 : 1) : character.length));
  const { alone, joined } = alphabets[alphabet];
  if (units.reduce((sum, unit) => sum + unit, 0) <= alone) return { alphabet, count: 1 };
  let count = 1;
  let used = 0;
  for (const unit of units) {
    // A character of two units is never cut in two.
    if (used + unit > joined) {
      count += 1;
      used = 0;
    }
    used += unit;
  }
  return { alphabet, count };
}
