import { contracts, createPlusAddress, createReplyMessageId } from '#contracts';
import iconv from 'iconv-lite';
import type { MailContext } from './context.js';
import { type NormalizedMail, normalizeMail } from './mail.js';
import { aContext, aMail, hashOnly, threadSecrets } from './mail-fixture.js';

const ownKey = 'abcdefghijklmnopqrstuvwxyz234567';
const replyId = '11111111-2222-4333-8444-555555555555';
const ownId = createReplyMessageId({ replyId, conversationKey: ownKey, domain: 'care.example.vn' }, threadSecrets);

async function normalized(raw: Buffer, changes: Partial<MailContext> = {}) {
  return normalizeMail(raw, aContext(changes), hashOnly);
}

async function feedback(raw: Buffer, changes: Partial<MailContext> = {}) {
  const result = await normalized(raw, changes);
  if (result.kind !== 'feedback') throw new Error(`expected an event, got ${JSON.stringify(result)}`);
  expect(contracts.feedbackReceived.schema.safeParse(result.event).error).toBeUndefined();
  return result.event;
}

describe('a plain mail', () => {
  it('becomes an event with everything that it says', async () => {
    const raw = aMail({}, 'Mạng trường tôi bị mất từ sáng nay.\r\n');
    const event = await feedback(raw);
    expect(event).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      channel: 'email',
      kind: 'message',
      account: 'support',
      provider: { name: 'imap', messageId: '<1@school.example.vn>', receivedVia: 'poll' },
      conversationKey: expect.stringMatching(/^[a-z2-7]{32}$/) as string,
      occurredAt: '2026-11-22T07:59:00.000Z',
      receivedAt: '2026-11-22T08:00:00.000Z',
      statedAt: '2026-11-22T07:58:00.000Z',
      author: { identity: { kind: 'email', value: 'lan@school.example.vn' }, displayName: 'Lan', verified: false },
      recipients: [{ kind: 'email', value: 'support@care.example.vn' }],
      thread: { references: [], hints: [] },
      subject: 'Mat mang',
      text: 'Mạng trường tôi bị mất từ sáng nay.',
      language: 'vi',
      attachments: [],
      signals: { autoReply: 'none', flags: [] },
      raw: { ref: `log:${event.id}`, sha256: event.raw.sha256, bytes: raw.length },
    });
  });

  it('has the same id whatever path it took, and another with another body', async () => {
    const first = await feedback(aMail({}, 'a'));
    const again = await feedback(aMail({ Received: 'from x by y; Sun, 22 Nov 2026 08:00:00 +0000' }, 'a'));
    const other = await feedback(aMail({}, 'b'));
    expect(again.id).toBe(first.id);
    expect(other.id).not.toBe(first.id);
  });

  it('without a Message-ID is named by the hash of its bytes', async () => {
    const event = await feedback(aMail({ 'Message-ID': '' }));
    expect(event.provider.messageId).toBe(event.raw.sha256);
  });

  it('above 128 KiB refers to the store', async () => {
    const event = await feedback(aMail({}, 'x\r\n'.repeat(60_000)));
    expect([event.raw.ref.startsWith('store:'), event.signals.flags, event.text.length]).toEqual([
      true,
      ['truncated'],
      64 * 1024,
    ]);
  });

  it.each([
    ['in the future', new Date('2030-01-01T00:00:00Z')],
    ['before 2000', new Date('1980-01-01T00:00:00Z')],
  ])('with an INTERNALDATE %s happened when it was received', async (_name, internalDate) => {
    const event = await feedback(aMail({}), { internalDate });
    expect([event.occurredAt, event.signals.flags]).toEqual([event.receivedAt, ['time_clamped']]);
  });
});

describe('charsets', () => {
  const sentence = 'Kính gửi quý công ty, mạng của trường bị chậm và hay đứt.';
  // windows-1258 has the letters and writes the tones behind them.
  const tones = /[\u0300\u0301\u0303\u0309\u0323]/g;
  const letterThenTone = (letter: string) => {
    const parts = letter.normalize('NFD');
    return parts.replace(tones, '').normalize('NFC') + (parts.match(tones) ?? []).join('');
  };
  const nfd1258 = () => iconv.encode([...sentence].map(letterThenTone).join(''), 'windows-1258');
  it.each<[string, string, Buffer]>([
    ['utf-8', 'text/plain; charset=utf-8', Buffer.from(sentence)],
    ['utf-8 decomposed', 'text/plain; charset=utf-8', Buffer.from(sentence.normalize('NFD'))],
    ['windows-1258', 'text/plain; charset=windows-1258', nfd1258()],
    ['tcvn', 'text/plain; charset=x-viet-tcvn5712', iconv.encode(sentence, 'tcvn')],
    ['utf-16le', 'text/plain; charset=utf-16le', iconv.encode(sentence, 'utf-16le')],
    ['undeclared utf-8', 'text/plain', Buffer.from(sentence)],
    ['utf-8 declared as latin-1', 'text/plain; charset=iso-8859-1', Buffer.from(sentence)],
    ['unknown name, utf-8 bytes', 'text/plain; charset=x-unknown', Buffer.from(sentence)],
  ])('%s is read and composed', async (_name, contentType, body) => {
    const encoded = body.toString('base64').replace(/.{76}/g, '$&\r\n');
    const event = await feedback(
      aMail({ 'Content-Type': contentType, 'Content-Transfer-Encoding': 'base64' }, encoded),
    );
    expect(event.text).toBe(sentence);
  });

  it('windows-1258 declared as utf-8 is guessed and says so', async () => {
    const event = await feedback(aMail({}, nfd1258()));
    expect(event.text).not.toContain('\uFFFD');
    expect(event.signals.flags).toContain('charset_guessed');
  });

  it.each([
    ['=?utf-8?B?TeG6pXQgbeG6oW5n?=', 'Mất mạng'],
    ['=?windows-1258?Q?M=E2=ECt_ma=F2ng?=', 'Mất mạng'],
    ['Mất mạng', 'Mất mạng'],
    ['=?utf-8?Q?a=0D=0ABcc:_x@y.example?=', 'a Bcc: x@y.example'],
  ])('subject %s reads %s', async (subject, expected) => {
    expect((await feedback(aMail({ Subject: subject }))).subject).toBe(expected);
  });
});

describe('threading', () => {
  it('keeps the root of a long thread as the conversation', async () => {
    const references = Array.from({ length: 80 }, (_, n) => `<r${n}@x.example>`);
    const first = await feedback(aMail({ 'Message-ID': '<r0@x.example>' }));
    const late = await feedback(aMail({ References: references.join('\r\n '), 'In-Reply-To': '<r79@x.example>' }));
    expect(late.conversationKey).toBe(first.conversationKey);
    expect(late.thread).toEqual({ inReplyTo: '<r79@x.example>', references: references.slice(-50), hints: [] });
  });

  it('takes the key of our own Message-ID, and not of a forged one', async () => {
    const answered = await normalized(aMail({ 'In-Reply-To': ownId, References: `<x@y.example> ${ownId}` }));
    expect(answered).toMatchObject({
      kind: 'feedback',
      event: { conversationKey: ownKey },
      answeredReplyIds: [replyId],
    });
    const forged = await feedback(aMail({ 'In-Reply-To': ownId.replace(/\.[0-9a-f]{20}@/, `.${'0'.repeat(20)}@`) }));
    expect(forged.conversationKey).not.toBe(ownKey);
  });

  it('hands on tag, plus-address and form reference as claims', async () => {
    const plus = createPlusAddress('support@care.example.vn', 'PH-12', threadSecrets);
    const event = await feedback(aMail({ To: plus, Subject: 'Re: [PH-12] Mat mang' }));
    expect(event.thread.hints).toEqual(['tag:PH-12', `plus:${plus.slice(0, plus.indexOf('@'))}`]);
  });
});

describe('who wrote', () => {
  const results = (value: string) => ({ 'Authentication-Results': value });
  it.each<[string, Record<string, string | string[]>, boolean, string | undefined]>([
    ['dmarc=pass', results('mx.care.example.vn; dmarc=pass header.from=school.example.vn'), true, 'pass'],
    ['aligned dkim', results('mx.care.example.vn; dkim=pass (ok) header.d=example.vn; spf=none'), true, undefined],
    ['dkim of somebody else', results('mx.care.example.vn; dkim=pass header.d=evil.example'), false, undefined],
    [
      'dkim aligned but dmarc=fail',
      results('mx.care.example.vn; dkim=pass header.d=example.vn; dmarc=fail'),
      false,
      'fail',
    ],
    ['another server', results('mx.evil.example; dmarc=pass'), false, undefined],
    [
      'a forged line below ours',
      { 'Authentication-Results': ['mx.care.example.vn; dmarc=fail', 'mx.care.example.vn; dmarc=pass'] },
      false,
      'fail',
    ],
    ['pass inside a comment', results('mx.care.example.vn; dmarc=none (dmarc=pass)'), false, 'none'],
    [
      'two authors',
      {
        From: ['Lan <lan@school.example.vn>', 'Boss <boss@bank.example>'],
        ...results('mx.care.example.vn; dmarc=pass'),
      },
      false,
      'pass',
    ],
  ])('%s', async (_name, headers, verified, dmarc) => {
    const event = await feedback(aMail(headers));
    expect([event.author.verified, event.signals.dmarc]).toEqual([verified, dmarc]);
  });

  it('nobody, where there is no From', async () => {
    const event = await feedback(aMail({ From: '' }));
    expect([event.author, event.signals.flags]).toEqual([{ verified: false }, ['no_from']]);
  });

  it('is the original sender when a colleague forwards, and never when a stranger does', async () => {
    const body =
      'Nhờ xử lý giúp.\r\n\r\n---------- Forwarded message ---------\r\nTừ: Trường Lê Lợi <leloi@school.example.vn>\r\nDate: Th 6, 20 thg 11, 2026\r\nSubject: Mất mạng\r\nTo: <colleague@partner.example>\r\n\r\nMạng mất từ sáng.';
    const forwarded = await feedback(aMail({ From: 'colleague@partner.example', Subject: 'Fwd: Mất mạng' }, body));
    expect([forwarded.author, forwarded.recipients[0]?.value, forwarded.signals.flags]).toEqual([
      { identity: { kind: 'email', value: 'leloi@school.example.vn' }, displayName: 'Trường Lê Lợi', verified: false },
      'colleague@partner.example',
      ['forwarded'],
    ]);
    expect(forwarded.text).toContain('Mạng mất từ sáng.');
    const stranger = await feedback(aMail({ From: 'stranger@else.example', Subject: 'Fwd: Mất mạng' }, body));
    expect(stranger.author.identity?.value).toBe('stranger@else.example');
  });
});

describe('the Sent folder', () => {
  it('is read as echo', async () => {
    const event = await feedback(aMail({ From: 'support@care.example.vn', To: 'lan@school.example.vn' }), {
      folder: 'sent',
    });
    expect([event.kind, event.author.identity?.value]).toEqual(['echo', 'support@care.example.vn']);
  });

  it('our own replies in it are passed over', async () => {
    const result = await normalized(aMail({ From: 'support@care.example.vn', 'Message-ID': ownId }), {
      folder: 'sent',
    });
    expect(result).toEqual<NormalizedMail>({ kind: 'own_copy', replyId });
  });
});

describe('parts', () => {
  const multipart = (type: string, ...parts: string[]) =>
    aMail({ 'Content-Type': `${type}; boundary=b` }, `${parts.map((part) => `--b\r\n${part}\r\n`).join('')}--b--\r\n`);

  it('keeps attachments by hash, with a safe name and the type of the content', async () => {
    const png = Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
      'base64',
    );
    const event = await feedback(
      multipart(
        'multipart/mixed',
        'Content-Type: text/plain\r\n\r\nXem anh',
        `Content-Type: application/octet-stream; name="../../etc/pass\u202ewd.png"\r\nContent-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\n${png.toString('base64')}`,
      ),
    );
    expect(event.attachments).toEqual([
      {
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
        name: 'passwd.png',
        mediaType: 'image/png',
        detectedType: 'image/png',
        bytes: png.length,
        inline: false,
      },
    ]);
  });

  it('sanitizes markup, keeps cid images and does not load remote ones', async () => {
    const html =
      '<p onclick="x()">Chào <img src="cid:logo@1"><img src="https://track.example/p.gif"><script>alert(1)</script><a href="javascript:x()">a</a></p>';
    const event = await feedback(
      multipart(
        'multipart/alternative',
        `Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n${html}`,
      ),
    );
    expect(event.html).toBe(
      '<p>Chào <img src="cid:logo@1" /><img data-remote-src="https://track.example/p.gif" /><a rel="noopener noreferrer nofollow" target="_blank">a</a></p>',
    );
    expect([event.signals.flags, event.text.startsWith('Chào')]).toEqual([['remote_images'], true]);
  });

  it('reads a delivery report: which reply failed, and whether for good', async () => {
    const raw = multipart(
      'multipart/report; report-type=delivery-status',
      'Content-Type: text/plain\r\n\r\nIt failed.',
      'Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.school.example.vn\r\n\r\nFinal-Recipient: rfc822; lan@school.example.vn\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 no such user',
      `Content-Type: message/rfc822\r\n\r\nMessage-ID: ${ownId}\r\nSubject: x\r\n\r\nbody`,
    );
    const result = await normalized(raw);
    expect(result).toMatchObject({
      kind: 'feedback',
      returned: { replyId, permanent: true, status: '5.1.1', recipient: 'lan@school.example.vn' },
      event: {
        conversationKey: ownKey,
        signals: {
          autoReply: 'bounce',
          bounce: { messageId: ownId, recipient: 'lan@school.example.vn', status: '5.1.1', permanent: true },
        },
      },
    });
  });

  it('salvages a multipart without its boundary', async () => {
    const event = await feedback(aMail({ 'Content-Type': 'multipart/mixed' }, 'Mạng trường mất từ sáng'));
    expect([event.text, event.signals.flags]).toEqual(['Mạng trường mất từ sáng', ['mime_broken']]);
  });
});
