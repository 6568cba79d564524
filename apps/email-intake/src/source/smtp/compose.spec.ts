import { Readable } from 'node:stream';
import { verifyPlusAddress, verifyReplyMessageId } from '#contracts';
import { aReplyRequested } from '#testing';
import { simpleParser } from 'mailparser';
import { mailboxesOf } from '../accounts.js';
import { composeMail } from './compose.js';

const secrets = ['a thread secret of at least thirty-two characters'] as const;
const [mailbox] = mailboxesOf([
  {
    id: 'support',
    channel: 'email',
    provider: 'imap',
    address: 'support@care.example.vn',
    credentials: { user: 'u', password: 'p' },
    options: { imap: { host: 'h' }, smtp: { host: 'h' }, senderName: 'Chăm sóc khách hàng' },
  },
]);

async function composed(overrides: Parameters<typeof aReplyRequested>[0] = {}) {
  if (mailbox === undefined) throw new Error('no mailbox');
  const reply = { ...aReplyRequested(overrides), kind: 'reply' as const };
  const mail = await composeMail(reply, mailbox, secrets, async () => Readable.from([Buffer.from('file')]));
  return { reply, mail, parsed: await simpleParser(mail.bytes) };
}

describe('a composed reply', () => {
  it('threads: our Message-ID, what it answers, tag and signed address', async () => {
    const thread = { inReplyTo: '<2@school.example.vn>', references: ['<1@school.example.vn>'] };
    const { reply, mail, parsed } = await composed({ thread, subject: 'Mất mạng từ sáng' });
    expect(verifyReplyMessageId(mail.messageId, secrets)).toEqual({
      replyId: reply.id,
      conversationKey: reply.conversationKey,
    });
    expect([parsed.messageId, parsed.inReplyTo, parsed.references]).toEqual([
      mail.messageId,
      '<2@school.example.vn>',
      ['<1@school.example.vn>', '<2@school.example.vn>'],
    ]);
    expect(parsed.subject).toBe('Re: Mất mạng từ sáng [PH-1024]');
    expect(verifyPlusAddress(parsed.replyTo?.value[0]?.address ?? '', secrets)).toEqual({ ticketNumber: 'PH-1024' });
    expect(parsed.from?.value).toEqual([{ name: 'Chăm sóc khách hàng', address: 'support@care.example.vn' }]);
    expect(parsed.headers.has('auto-submitted')).toBe(false);
  });

  it('keeps its Message-ID and tag when it is composed again', async () => {
    const { reply, mail } = await composed({ subject: 'Re: x [PH-1024]' });
    const again = await composed(reply);
    expect([again.mail.messageId, again.parsed.subject]).toEqual([mail.messageId, 'Re: x [PH-1024]']);
  });

  it('says that it is automatic when it is', async () => {
    const { parsed } = await composed({ reason: 'auto_acknowledgement' });
    expect([parsed.headers.get('auto-submitted'), parsed.headers.get('x-phanhoi-loop')]).toEqual([
      'auto-replied',
      'support',
    ]);
  });

  it('carries files from the store and opens no paths', async () => {
    const attachments = [
      { sha256: 'a'.repeat(64), name: '../../etc/passwd', mediaType: 'text/plain', bytes: 4, inline: false },
    ];
    const { parsed } = await composed({ attachments });
    expect(parsed.attachments.map(({ content }) => content.toString())).toEqual(['file']);
  });

  it('cannot be made to carry other headers', async () => {
    const { parsed } = await composed({ subject: 'x\r\nBcc: all@bank.example' });
    expect([parsed.bcc, parsed.headers.has('bcc')]).toEqual([undefined, false]);
  });
});
