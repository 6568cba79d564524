/** What one mail may cost. Over a limit it goes to quarantine with its bytes; nothing is parsed further. */
export interface MailLimits {
  /** Bytes of the whole mail. */
  readonly bytes: number;
  /** Bytes of the header of the mail or of one part. */
  readonly headerBytes: number;
  readonly parts: number;
  readonly depth: number;
  /** Addresses in From, To and Cc together. */
  readonly addresses: number;
  /** Bytes kept of one text part before decoding; the rest is in the original. */
  readonly textBytes: number;
}

export const defaultMailLimits: MailLimits = {
  bytes: 64 * 1024 * 1024,
  headerBytes: 256 * 1024,
  parts: 500,
  depth: 50,
  addresses: 2_000,
  textBytes: 512 * 1024,
};

export type LimitReason =
  | 'message_too_large'
  | 'header_too_large'
  | 'too_many_parts'
  | 'too_deeply_nested'
  | 'too_many_recipients'
  | 'unparseable';

/** A mail that is over a limit or cannot be read at all. */
export class MailRefused extends Error {
  constructor(
    readonly reason: LimitReason,
    readonly step: 'measure' | 'parse' | 'normalize',
    detail: string,
  ) {
    super(detail);
  }
}
