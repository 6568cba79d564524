import { randomBytes, randomUUID } from 'node:crypto';
import MailComposer from 'nodemailer/lib/mail-composer/index.js';

const paragraphs = [
  'Kính gửi bộ phận chăm sóc khách hàng,',
  'Từ sáng nay đường truyền của đơn vị chúng tôi chập chờn, nhiều lần mất hẳn, ảnh hưởng đến việc tiếp dân.',
  'Bộ định tuyến vẫn sáng đèn nhưng máy trạm không vào được hệ thống một cửa; chúng tôi đã khởi động lại hai lần.',
  'Đề nghị quý công ty cử cán bộ kỹ thuật kiểm tra trong ngày, vì ngày mai nhà trường tổ chức thi học kỳ.',
  'Trân trọng cảm ơn và mong sớm nhận được phản hồi.',
];

export interface SampleMail {
  /** The number of the thread that it belongs to, also in its subject: `… #17`. */
  readonly thread: number;
  readonly raw: Buffer;
}

interface Root {
  readonly thread: number;
  readonly messageId: string;
  readonly from: string;
}

/** Realistic mails: Vietnamese, text and HTML, every tenth with a 50 KB file, every fifth an answer, half of those right behind their parent. */
export async function sampleMails(count: number, to: string): Promise<SampleMail[]> {
  const roots: Root[] = [];
  const mails: SampleMail[] = [];
  for (let number = 0; number < count; number++) {
    const parent =
      number % 5 === 4 ? roots[number % 10 === 4 ? roots.length - 1 : (number * 7919) % roots.length] : undefined;
    const root = parent ?? {
      thread: number,
      messageId: `<${randomUUID()}@donvi.example>`,
      from: `Nguyễn Văn ${number % 300} <khach${number % 300}@donvi${number % 40}.example>`,
    };
    mails.push({ thread: root.thread, raw: await compose(number, root, parent !== undefined, to) });
    if (parent === undefined) roots.push(root);
  }
  return mails;
}

async function compose(number: number, root: Root, isReply: boolean, to: string): Promise<Buffer> {
  const body = [...paragraphs, `Mã đơn vị: ${number}.`];
  const quoted = isReply
    ? `\n\nVào Th 6, 20 thg 11, 2026 vào lúc 08:00 Hỗ trợ <${to}> đã viết:\n> ${paragraphs.join('\n> ')}`
    : '';
  const composer = new MailComposer({
    from: root.from,
    to,
    messageId: isReply ? `<${randomUUID()}@donvi.example>` : root.messageId,
    subject: `${isReply ? 'Re: ' : ''}Phản ánh chất lượng đường truyền #${root.thread}`,
    text: `${body.join('\n\n')}${quoted}`,
    html: `<div style="font-family:Arial">${body.map((line) => `<p>${line}</p>`).join('')}<table>${'<tr><td>&nbsp;</td><td>Trường THPT Lê Lợi</td></tr>'.repeat(60)}</table></div>`,
    ...(isReply ? { inReplyTo: root.messageId, references: [root.messageId] } : {}),
    ...(number % 10 === 9
      ? { attachments: [{ filename: `ảnh chụp lỗi ${number}.bin`, content: randomBytes(50 * 1024) }] }
      : {}),
  });
  return composer.compile().build();
}
