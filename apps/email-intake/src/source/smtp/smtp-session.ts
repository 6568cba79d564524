import { Readable } from 'node:stream';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import XOAuth2 from 'nodemailer/lib/xoauth2';
import type { DeliveryErrorCode } from '#contracts';
import type { SendOutcome } from '#intake';
import type { Mailbox } from '../accounts.js';
import { type SignIn, SignInUnavailable } from '../sign-in/sign-ins.js';
import type { ComposedMail } from './compose.js';

const connectTimeoutMs = 15_000;
/** Below the 5 min after which others give a claim up; servers may take long over the last dot. */
const silenceMs = 120_000;
const idleMs = 20_000;

interface SmtpError extends Error {
  readonly code?: string;
  readonly responseCode?: number;
  readonly response?: string;
  readonly command?: string;
}

/** One signed-in connection to a mailbox's mail server, kept for a while for the next mail. One mail at a time. */
export class SmtpSession {
  private connection: SMTPConnection | undefined;
  private idle: NodeJS.Timeout | undefined;

  constructor(
    private readonly mailbox: Mailbox,
    private readonly signIn: SignIn,
  ) {}

  /** Never rejects. */
  async send(mail: ComposedMail): Promise<SendOutcome> {
    clearTimeout(this.idle);
    const progress = { begun: false };
    try {
      const connection = await this.ready();
      await new Promise<void>((resolve, reject) => {
        connection.once('error', reject);
        connection.send(
          { from: mail.envelope.from, to: [...mail.envelope.to], size: mail.bytes.length },
          watched(mail.bytes, progress),
          (error) => {
            connection.off('error', reject);
            if (error) reject(error);
            else resolve();
          },
        );
      });
      this.idle = setTimeout(() => this.close(), idleMs);
      this.idle.unref();
      return { kind: 'sent' };
    } catch (error) {
      this.close();
      return judge(error as SmtpError | SignInUnavailable, progress.begun);
    }
  }

  close(): void {
    clearTimeout(this.idle);
    this.connection?.close();
    this.connection = undefined;
  }

  private async ready(): Promise<SMTPConnection> {
    const kept = this.connection;
    if (kept !== undefined && (await this.answers(kept))) return kept;
    this.close();
    const { host, port, tls } = this.mailbox.options.smtp;
    const connection = new SMTPConnection({
      host,
      port,
      secure: tls === 'implicit',
      requireTLS: tls === 'starttls',
      ignoreTLS: tls === 'none',
      connectionTimeout: connectTimeoutMs,
      greetingTimeout: connectTimeoutMs,
      dnsTimeout: connectTimeoutMs,
      socketTimeout: silenceMs,
      allowInternalNetworkInterfaces: true,
    });
    this.connection = connection;
    await new Promise<void>((resolve, reject) => {
      connection.once('error', reject);
      connection.connect((error) => (error ? reject(error) : resolve()));
    });
    if (connection.allowsAuth) await this.login(connection);
    connection.removeAllListeners('error');
    // The server may hang up while the connection is idle: the next mail opens another.
    connection.on('error', () => this.forget(connection));
    connection.on('end', () => this.forget(connection));
    return connection;
  }

  private async login(connection: SMTPConnection): Promise<void> {
    const { user } = this.mailbox.credentials;
    const secret = await this.signIn.secret();
    const proof =
      'password' in secret
        ? { user, pass: secret.password, credentials: { user, pass: secret.password } }
        : { user, oauth2: new XOAuth2({ user, accessToken: secret.accessToken }) };
    try {
      await new Promise<void>((resolve, reject) =>
        connection.login(proof, (error) => (error ? reject(error) : resolve())),
      );
    } catch (error) {
      if ((error as SmtpError).code === 'EAUTH') this.signIn.refused(secret);
      throw error;
    }
  }

  /** A RSET that is answered proves that the kept connection still stands. */
  private async answers(connection: SMTPConnection): Promise<boolean> {
    return await new Promise((resolve) => {
      const settle = (stands: boolean) => {
        connection.off('error', gone).off('end', gone);
        resolve(stands);
      };
      const gone = () => settle(false);
      connection.once('error', gone).once('end', gone);
      connection.reset((error) => settle(!error));
    });
  }

  private forget(connection: SMTPConnection): void {
    if (this.connection === connection) this.connection = undefined;
  }
}

/** A stream that tells when its first byte is asked for, which is after the server said "go on" to DATA. */
function watched(bytes: Buffer, progress: { begun: boolean }): Readable {
  let at = 0;
  return new Readable({
    highWaterMark: 64 * 1024,
    read(size) {
      progress.begun = true;
      const chunk = bytes.subarray(at, at + size);
      at += chunk.length;
      this.push(chunk.length === 0 ? null : chunk);
    },
  });
}

/** Certain refusals are told from silence: only a server's own answer, or nothing having left us, proves that a mail was not taken. */
function judge(error: SmtpError | SignInUnavailable, begun: boolean): SendOutcome {
  const detail = (('response' in error ? error.response : undefined) ?? error.message).slice(0, 500);
  const notSent = (code: DeliveryErrorCode, permanent: boolean): SendOutcome => ({
    kind: 'not_sent',
    code,
    permanent,
    detail,
  });
  if (error instanceof SignInUnavailable)
    return notSent(error.code === 'reauthorize' ? 'reauthorization_needed' : 'authentication_failed', false);
  const answer = error.responseCode ?? 0;
  // 421 after the mail has begun may come after it was taken.
  if (begun && (answer < 400 || answer === 421)) return { kind: 'uncertain', detail };
  if (error.code === 'EAUTH') return notSent('authentication_failed', false);
  if (error.code === 'ETLS') return notSent('tls_required', false);
  if (answer >= 500) {
    if (answer === 552 || answer === 523) return notSent('message_too_large', true);
    return notSent(error.code === 'EENVELOPE' ? 'recipient_rejected' : 'message_rejected', true);
  }
  if (answer >= 400) return notSent('temporarily_rejected', false);
  if (error.code === 'EMESSAGE') return notSent('message_too_large', true);
  if (error.code === 'EENVELOPE') return notSent('recipient_rejected', true);
  return notSent('connection_refused', false);
}
