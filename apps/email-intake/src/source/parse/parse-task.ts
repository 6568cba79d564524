import type { ReceivedVia, ThreadSecrets } from '#contracts';
import type { MailAccount } from '../../normalize/context.js';
import type { MailLimits } from '../../normalize/limits.js';
import type { NormalizedMail } from '../../normalize/mail.js';
import type { FolderName } from '../accounts.js';

/** A mail as it came from the server. */
export interface RawMail {
  readonly raw: { readonly bytes: Uint8Array } | { readonly sha256: string };
  readonly internalDate?: Date;
  readonly receivedAt: Date;
  readonly receivedVia: ReceivedVia;
  readonly flags: readonly string[];
}

export interface ParseTask {
  readonly account: MailAccount;
  readonly folder: FolderName;
  readonly mails: readonly RawMail[];
}

/** A file that is small enough to travel back with its event. */
export interface SmallFile {
  readonly sha256: string;
  readonly bytes: Uint8Array;
}

export type ParsedMail =
  | { readonly mail: NormalizedMail; readonly files: readonly SmallFile[] }
  | { readonly failed: { readonly name: string; readonly message: string; readonly code?: string } };

/** What every thread is started with. */
export interface ParserSettings {
  readonly storeFolder: string;
  readonly keys: { readonly conversation: string; readonly thread: ThreadSecrets };
  readonly limits: MailLimits;
}
