import { randomUUID } from 'node:crypto';

export interface Letter {
  readonly messageId: string;
  readonly from: string;
  readonly raw: Buffer;
}

export interface LetterOptions {
  /** Default: a customer who writes for the first time. */
  readonly from?: string;
  /** When it says it was written; default now. */
  readonly date?: Date;
  /** Bytes of text that make it as large as a letter with a signature and a history; default none. */
  readonly padding?: number;
}

/** A plain letter of a customer, made of bytes alone: twenty thousand of them take a second. */
export function letter(number: number, { from, date = new Date(), padding = 0 }: LetterOptions = {}): Letter {
  const messageId = `<${randomUUID()}@donvi.example>`;
  const sender = from ?? `khach.${randomUUID().slice(0, 8)}@donvi.example`;
  const line = 'Đề nghị quý công ty cử cán bộ kỹ thuật kiểm tra đường truyền của đơn vị.\r\n';
  const raw = [
    `From: Khach hang <${sender}>`,
    'To: support@phanhoi.example',
    `Subject: Phan anh so ${number}`,
    `Message-ID: ${messageId}`,
    `Date: ${date.toUTCString().replace('GMT', '+0000')}`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    '',
    `Thư số ${number}: đường truyền chập chờn.`,
    line.repeat(Math.ceil(padding / line.length)),
  ].join('\r\n');
  return { messageId, from: sender, raw: Buffer.from(raw) };
}
