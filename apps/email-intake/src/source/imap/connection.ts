import { ImapFlow } from 'imapflow';
import type { Mailbox } from '../accounts.js';

const connectTimeoutMs = 15_000;
/** Silence on a socket that should speak; our own watchdog asks more often. */
const socketTimeoutMs = 120_000;

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
