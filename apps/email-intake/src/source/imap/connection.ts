import { ImapFlow } from 'imapflow';
import type { Mailbox } from '../accounts.js';

const connectTimeoutMs = 15_000;
/** Silence while an answer is due, as on a line that died in mid-fetch. Below the 60 s after which a loop that does not turn ends the process. */
const socketTimeoutMs = 40_000;

/** A client that has not connected yet. imapflow's clients live once: after a close a fresh one is made. */
export function createImapClient({ options, credentials }: Mailbox): ImapFlow {
  const { host, port, tls } = options.imap;
  return new ImapFlow({
    host,
    port,
    secure: tls === 'implicit',
    ...(tls === 'implicit' ? {} : { doSTARTTLS: tls === 'starttls' }),
    auth: { user: credentials.user, pass: credentials.password },
    logger: false,
    autoIdleDelay: 100,
    connectionTimeout: connectTimeoutMs,
    greetingTimeout: connectTimeoutMs,
    socketTimeout: socketTimeoutMs,
    maxLiteralSize: 128 * 1024 * 1024,
    maxResponseSize: 160 * 1024 * 1024,
  });
}

/** What went wrong, in a word that may be shown: no addresses, no passwords. */
export function describeImapError(error: unknown): {
  readonly state: 'sign_in_refused' | 'no_folder' | 'backing_off';
  readonly reason: string;
} {
  const known = error as {
    authenticationFailed?: boolean;
    code?: string;
    mailboxMissing?: boolean;
    responseText?: string;
    message?: string;
  };
  if (known.authenticationFailed === true)
    return { state: 'sign_in_refused', reason: 'the server refuses user or password' };
  if (known.mailboxMissing === true) return { state: 'no_folder', reason: 'the folder does not exist' };
  return {
    state: 'backing_off',
    reason: (known.code ?? known.responseText ?? known.message ?? 'unknown').slice(0, 200),
  };
}
