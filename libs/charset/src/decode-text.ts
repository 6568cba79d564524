import { isUtf8 } from 'node:buffer';
import chardet from 'chardet';
import iconv from 'iconv-lite';
import { isRefused, labelOf } from './labels.js';

export interface Decoded {
  readonly text: string;
  /** The declared charset was missing, unknown or wrong, and another was taken. */
  readonly guessed: boolean;
}

const singleByteWestern = /^(?:iso-?8859-1|latin-?1|windows-1252|cp1252|us-?ascii|ascii)$/;
const guessBytes = 16 * 1024;

function decodeAs(label: string, bytes: Buffer): string | undefined {
  if (isRefused(label)) return undefined;
  if (iconv.encodingExists(label)) return iconv.decode(bytes, label);
  try {
    // ISO-2022-JP and a few more that iconv-lite lacks.
    return new TextDecoder(label).decode(bytes);
  } catch (error) {
    // Encoding not supported: a RangeError, by name since it may come from another realm.
    if ((error as Error).name === 'RangeError') return undefined;
    throw error;
  }
}

function guess(bytes: Buffer): string {
  // TCVN and windows-1258 cannot be told apart by their bytes: only a declared TCVN is believed.
  const name = chardet.detect(bytes.subarray(0, guessBytes));
  return (name === null ? undefined : decodeAs(name.toLowerCase(), bytes)) ?? iconv.decode(bytes, 'windows-1258');
}

/**
 * Text of bytes in a declared charset, in NFC (windows-1258 writes tones as combining marks). A missing, unknown or visibly wrong
 * charset is replaced by UTF-8 where the bytes are UTF-8, else by the likeliest.
 */
export function decodeText(bytes: Buffer, declared: string | undefined): Decoded {
  const label = labelOf(declared ?? '');
  const utf8 = isUtf8(bytes);
  const unstated = label === '' || label === 'utf-8' || label === 'utf8';
  if (unstated || singleByteWestern.test(label)) {
    if (utf8) return { text: clean(bytes.toString('utf8')), guessed: false };
    if (unstated || /ascii/.test(label)) return { text: clean(guess(bytes)), guessed: true };
  }
  const text = decodeAs(label, bytes);
  if (text !== undefined) return { text: clean(text), guessed: false };
  return { text: clean(utf8 ? bytes.toString('utf8') : guess(bytes)), guessed: true };
}

function clean(text: string): string {
  return (text.startsWith('\uFEFF') ? text.slice(1) : text).normalize('NFC');
}
