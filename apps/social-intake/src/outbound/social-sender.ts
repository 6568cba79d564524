import { buffer } from 'node:stream/consumers';
import { type Attachment, contentTypeOf, type Identity, type ReplyRequested } from '#contracts';
import type { AttachmentStore, Outgoing, Prepared, ReplySender } from '#intake';
import type { AccountDirectory } from '../source/account-directory.js';
import { type Answer, type AnswerFile, refused } from '../source/answer.js';

/** Hands an answer to the network of its account. */
export class SocialSender implements ReplySender {
  constructor(
    private readonly accounts: AccountDirectory,
    private readonly store: Pick<AttachmentStore, 'open' | 'has'>,
  ) {}

  async prepare(outgoing: Outgoing): Promise<Prepared> {
    const account = this.accounts.byId(outgoing.account);
    if (account === undefined || outgoing.kind === 'notice' || account.channel !== outgoing.channel) {
      return refused('account_unknown', `no account ${outgoing.account} of this channel`);
    }
    const recipient = recipientOf(outgoing.to, account.channel);
    if (recipient === undefined) return refused('recipient_rejected', `the recipient is nobody on ${account.channel}`);
    const { attachments } = outgoing;
    if (outgoing.text.trim() === '' && attachments.length === 0) {
      return refused('message_rejected', 'the answer has no text');
    }
    for (const { sha256, name } of attachments) {
      if (!(await this.store.has(sha256))) return refused('message_rejected', `the file ${name} is not there any more`);
    }
    const files = attachments.map((attachment) => this.fileOf(attachment));
    return await account.network.prepare({ ...answerOf(outgoing, recipient, Date.now()), files });
  }

  private fileOf(attachment: Attachment): AnswerFile {
    const { sha256, name, bytes } = attachment;
    const type = contentTypeOf(attachment);
    return { name, bytes, type, read: async () => await blobOf(sha256, this.store, type) };
  }

  /** No network can be asked by our id; what it echoes or reports settles what is uncertain. */
  async findSent(): Promise<readonly string[]> {
    return [];
  }
}

/** The network's own id of the customer: identities bear the channel before it, a number on WhatsApp is a telephone's. */
function recipientOf({ kind, value }: Identity, channel: string): string | undefined {
  if (kind === 'phone') return channel === 'whatsapp' ? value.replace(/^\+/, '') : undefined;
  const prefix = `${channel}:`;
  return kind === 'handle' && value.startsWith(prefix) && value.length > prefix.length
    ? value.slice(prefix.length)
    : undefined;
}

async function blobOf(sha256: string, store: Pick<AttachmentStore, 'open'>, type: string): Promise<Blob> {
  return new Blob([new Uint8Array(await buffer(await store.open(sha256)))], { type });
}

function answerOf(
  { id, text, reason, thread, customerWroteAt }: ReplyRequested,
  recipient: string,
  now: number,
): Omit<Answer, 'files'> {
  const { inReplyTo, providerConversationId } = thread;
  return {
    id,
    recipient,
    text,
    isFromAgent: reason === 'agent',
    ...(inReplyTo === undefined ? {} : { inReplyTo }),
    ...(providerConversationId === undefined ? {} : { conversationId: providerConversationId }),
    ...(customerWroteAt === undefined ? {} : { silentForMs: Math.max(0, now - Date.parse(customerWroteAt)) }),
  };
}
