import iconv from 'iconv-lite';
import { inWindows1258 } from '#testing';
import { decodeStream, detectCharset, isKnownCharset } from './index.js';

const text = 'Người gọi;Ghi chú\n"Nguyễn Thị Ánh";"Đã hẹn gọi lại thứ Hai, khách rất bực, nhận số khác"\n';
const ascii = 'caller;note\n0901234567;call back\n'.repeat(5_000);
async function* inChunks(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
async function decoded(bytes: Buffer, charset: string, size: number): Promise<string> {
  let whole = '';
  for await (const part of decodeStream(inChunks(bytes, size), charset)) whole += part;
  return whole.normalize('NFC');
}

describe('a text too large to hold', () => {
  it.each<[string, Buffer, string]>([
    ['UTF-8', Buffer.from(text), 'utf-8'],
    ['UTF-8 with its mark', Buffer.from(`\ufeff${text}`), 'utf-8'],
    ['UTF-16 with its mark', Buffer.from(`\ufeff${text}`, 'utf16le'), 'utf-16le'],
    ['UTF-16, big end first', iconv.encode(`\ufeff${text}`, 'utf-16be'), 'utf-16be'],
    ['UTF-16 without a mark', Buffer.from(`from,to\n${text}`, 'utf16le'), 'utf-16le'],
    ['UTF-16 without a mark, big end first', iconv.encode(`from,to\n${text}`, 'utf-16be'), 'utf-16be'],
    ['windows-1258', inWindows1258(text), 'windows-1258'],
    ['nothing', Buffer.alloc(0), 'utf-8'],
  ])('in %s is recognized, and read the same in chunks of any size', async (_, bytes, charset) => {
    const whole = bytes.length === 0 ? '' : iconv.decode(bytes, charset).normalize('NFC');
    expect(await detectCharset(inChunks(bytes, 65_536))).toBe(charset);
    expect(await Promise.all([1, 7, 65_536].map((size) => decoded(bytes, charset, size)))).toEqual(
      [1, 7, 65_536].map(() => whole),
    );
  });

  it('whose first letter beyond ASCII comes late is recognized by all of it', async () => {
    const late = inWindows1258(ascii + text);
    const utf8 = Buffer.from(ascii + text);
    expect([await detectCharset(inChunks(late, 65_536)), await detectCharset(inChunks(utf8, 65_537))]).toEqual([
      'windows-1258',
      'utf-8',
    ]);
  });

  it('that ends in the middle of a letter is no UTF-8', async () => {
    expect(await detectCharset(inChunks(Buffer.from('ệ').subarray(0, 2), 65_536))).not.toBe('utf-8');
  });

  it('stated to be TCVN is read as that', async () => {
    expect(await decoded(Buffer.from([0x47, 0xe4, 0x69]), 'TCVN3', 1)).toBe('Gọi');
  });
});

it.each([
  ['windows-1258', true],
  ['TCVN5712-1', true],
  ['utf-16', true],
  ['utf-7', false],
  ['base64', false],
  ['x-unknown', false],
])('the charset %s can be read: %s', (stated, known) => {
  expect(isKnownCharset(stated)).toBe(known);
});
