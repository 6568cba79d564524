const basic =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
const extended = '\f^{}\\[~]|€';

export interface Segments {
  readonly alphabet: 'GSM-7' | 'UCS-2';
  readonly count: number;
}

/** How many short messages a text takes. Source: 3GPP TS 23.038, 6.2.1; concatenation costs a header (TS 23.040, 9.2.3.24.1). */
export function segmentsOf(text: string): Segments {
  let septets = 0;
  for (const character of text) {
    if (basic.includes(character)) septets += 1;
    else if (extended.includes(character)) septets += 2;
    else return { alphabet: 'UCS-2', count: text.length <= 70 ? 1 : Math.ceil(text.length / 67) };
  }
  return { alphabet: 'GSM-7', count: septets <= 160 ? 1 : Math.ceil(septets / 153) };
}
