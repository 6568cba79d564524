import { attachableType, headBytes } from './file-type.js';
import { fileName } from './multipart-reader.js';

const png = Buffer.from('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489', 'hex');
const half = Buffer.concat([Buffer.alloc(headBytes - 1, 'a'), Buffer.from('ế').subarray(0, 1)]);

describe('attachableType', () => {
  it.each<[string, Buffer, string, string | undefined]>([
    ['a picture', png, 'image/png', 'image/png'],
    ['a picture, whatever it is called', png, 'text/plain', 'image/png'],
    ['a PDF', Buffer.from('%PDF-1.7\n'), 'application/pdf', 'application/pdf'],
    ['plain text', Buffer.from('ghi chú\r\n\tx'), 'text/plain; charset=utf-8', 'text/plain'],
    ['a table', Buffer.from('a;b\n1;2'), 'text/csv', 'text/plain'],
    ['text whose last letter is cut', half, 'text/plain', 'text/plain'],
    ['nothing', Buffer.alloc(0), 'text/plain', 'text/plain'],
    ['text that is not called so', Buffer.from('x'), 'application/octet-stream', undefined],
    ['text with control characters', Buffer.from('a\u0007'), 'text/plain', undefined],
    ['bytes that are no text', Buffer.from([0x41, 0xc3, 0x28]), 'text/plain', undefined],
    ['markup', Buffer.from('<!doctype html>'), 'text/plain', undefined],
    ['a page', Buffer.from('<html>'), 'text/html', undefined],
    ['a program', Buffer.from(`MZ${'\0'.repeat(100)}`), 'image/png', undefined],
    ['an archive', Buffer.from('504b0304140000000000', 'hex'), 'application/zip', undefined],
  ])('judges %s', async (_, head, declared, type) => {
    expect(await attachableType(head, declared)).toBe(type);
  });
});

describe('fileName', () => {
  it.each([
    ['ảnh.png', 'ảnh.png'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\Users\\lan\\a.doc', 'a.doc'],
    ['.htaccess', 'htaccess'],
    ['a\r\nb\u0000.txt', 'a b.txt'],
    ['\u202etxt.exe', 'txt.exe'],
    ['', 'file'],
    [undefined, 'file'],
    [`${'a'.repeat(300)}.png`, `${'a'.repeat(196)}.png`],
    ['😀'.repeat(150), '😀'.repeat(100)],
  ])('makes %j into %j', (given, name) => {
    expect(fileName(given)).toBe(name);
  });
});
