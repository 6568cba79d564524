import { ImapFlow } from 'imapflow';
import { StoreError } from '#intake';
import type { Mailbox } from '../accounts.js';
import { type Secret, type SignIn, SignInUnavailable } from '../sign-in/sign-ins.js';

const connectTimeoutMs = 15_000;
/** Silence while an answer is due, as on a line that died in mid-fetch. Below the 60 s after which a loop that does not turn ends the process. */
const socketTimeoutMs = 40_000;

/** A client that has not connected yet. imapflow's clients live once: after a close a fresh one is made. */
export function createImapClient({ options, credentials }: Mailbox, secret: Secret): ImapFlow {
  const { host, port, tls } = options.imap;
  return new ImapFlow({
    host,
    port,
    secure: tls === 'implicit',
    ...(tls === 'implicit' ? {} : { doSTARTTLS: tls === 'starttls' }),
    auth: { user: credentials.user, ...('password' in secret ? { pass: secret.password } : secret) },
    logger: false,
    autoIdleDelay: 100,
    connectionTimeout: connectTimeoutMs,
    greetingTimeout: connectTimeoutMs,
    socketTimeout: socketTimeoutMs,
    maxLiteralSize: 128 * 1024 * 1024,
    maxResponseSize: 160 * 1024 * 1024,
  });
}

/** Connects and signs in. What the server does not take is given back, so that the next try may bring something else. */
export async function connect(client: ImapFlow, signIn: SignIn, secret: Secret): Promise<void> {
  try {
    await client.connect();
  } catch (error) {
    if ((error as { authenticationFailed?: boolean }).authenticationFailed === true) signIn.refused(secret);
    throw error;
  }
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
  if (error instanceof SignInUnavailable)
    return { state: error.code === 'reauthorize' ? 'sign_in_refused' : 'backing_off', reason: error.message };
  if (known.authenticationFailed === true)
    return { state: 'sign_in_refused', reason: 'the server refuses what we sign in with' };
  if (known.mailboxMissing === true) return { state: 'no_folder', reason: 'the folder does not exist' };
  // The server is well; what it has finds no room here.
  if (error instanceof StoreError) return { state: 'backing_off', reason: error.message };
  return {
    state: 'backing_off',
    reason: (known.code ?? known.responseText ?? known.message ?? 'unknown').slice(0, 200),
  };
}
