import { Transform } from 'class-transformer';
import { cleanText } from '#contracts';

/** A property whose text is taken as Unicode NFC without NUL, white space at the ends cut off. */
export const CleanText = () =>
  Transform(({ value }: { value: unknown }): unknown => (typeof value === 'string' ? cleanText(value).trim() : value));
