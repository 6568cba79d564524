import iconv from 'iconv-lite';

/** Vietnamese as old systems write it: a letter, then its tone as a mark of its own. */
export function inWindows1258(text: string): Buffer {
  const letters = [...text.normalize('NFC')].map((letter) => {
    const parts = letter.normalize('NFD');
    const [tone = ''] = /[\u0300\u0301\u0303\u0309\u0323]/.exec(parts) ?? [];
    return parts.replace(tone, '').normalize('NFC') + tone;
  });
  return iconv.encode(letters.join(''), 'windows-1258');
}
