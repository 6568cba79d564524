import type { ImapFlow } from 'imapflow';
import type { Mailbox } from '../accounts.js';
import type { ComposedMail } from '../smtp/compose.js';
import type { SignIn } from '../sign-in/sign-ins.js';
import { connect, createImapClient } from './connection.js';

/** Puts what we sent into the Sent folder, as a mail program would, so that colleagues see it there. */
export async function appendToSent(mailbox: Mailbox, signIn: SignIn, mail: ComposedMail): Promise<void> {
  await connected(mailbox, signIn, async (client) => {
    const path = mailbox.options.sentFolder;
    try {
      await client.append(path, mail.bytes, ['\\Seen'], new Date());
    } catch (error) {
      if ((error as { serverResponseCode?: string }).serverResponseCode !== 'TRYCREATE' && (await exists(client, path)))
        throw error;
      await client.mailboxCreate(path);
      await client.append(path, mail.bytes, ['\\Seen'], new Date());
    }
  });
}

/** Whether the Sent folder holds a mail of this Message-ID: providers that file what they send prove so that they sent it. */
export async function findInSent(
  mailbox: Mailbox,
  signIn: SignIn,
  messageIds: readonly string[],
): Promise<Set<string>> {
  return await connected(mailbox, signIn, async (client) => {
    const found = new Set<string>();
    const path = mailbox.options.sentFolder;
    if (!(await exists(client, path))) return found;
    await client.mailboxOpen(path, { readOnly: true });
    for (const messageId of messageIds) {
      const uids = await client.search({ header: { 'message-id': messageId } }, { uid: true });
      if (Array.isArray(uids) && uids.length > 0) found.add(messageId);
    }
    return found;
  });
}

async function exists(client: ImapFlow, path: string): Promise<boolean> {
  return (await client.list()).some((folder) => folder.path === path);
}

async function connected<T>(mailbox: Mailbox, signIn: SignIn, work: (client: ImapFlow) => Promise<T>): Promise<T> {
  const secret = await signIn.secret();
  const client = createImapClient(mailbox, secret);
  let failure: Error | undefined;
  client.on('error', (error: Error) => (failure = error));
  try {
    await connect(client, signIn, secret);
    return await work(client);
  } catch (error) {
    throw failure === undefined ? error : new Error(failure.message, { cause: error });
  } finally {
    client.close();
  }
}
