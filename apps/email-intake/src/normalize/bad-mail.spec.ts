import { contracts } from '#contracts';
import { normalizeMail } from './mail.js';
import { aContext, aMail, hashOnly } from './mail-fixture.js';

const crlf = '\r\n';
const deepMultipart = () => {
  const levels = 5_000;
  const open = Array.from(
    { length: levels },
    (_, n) => `--b${n}${crlf}Content-Type: multipart/mixed; boundary=b${n + 1}${crlf}${crlf}`,
  );
  return aMail({ 'Content-Type': 'multipart/mixed; boundary=b0' }, open.join(''));
};
const withFile = (name: string, type: string, body: string) =>
  aMail(
    { 'Content-Type': 'multipart/mixed; boundary=b' },
    `--b${crlf}Content-Type: text/plain${crlf}${crlf}xin chao${crlf}--b${crlf}Content-Type: ${type}${crlf}Content-Disposition: attachment; filename="${name}"${crlf}${crlf}${body}${crlf}--b--${crlf}`,
  );

/** The mail half of "bad input": what comes of each. A refusal is its dead-letter reason; an event is the flags that it carries. */
const table: readonly (readonly [string, () => Buffer, string | readonly string[]])[] = [
  ['nothing at all', () => Buffer.alloc(0), ['no_from']],
  ['only a body', () => Buffer.from('xin chao, mang bi mat'), ['mime_broken', 'no_from']],
  ['no From', () => aMail({ From: '' }), ['no_from']],
  ['two From', () => aMail({ From: ['a@b.vn', 'c@d.vn'] }), ['several_from']],
  ['a From without an address', () => aMail({ From: 'Ban giám đốc' }), ['no_from']],
  [
    'a name that claims another address',
    () => aMail({ From: '"boss@bank.vn" <x@evil.example>' }),
    ['name_claims_other_address'],
  ],
  ['control characters in a header', () => aMail({ Subject: '=?utf-8?Q?a=0D=0ATo:_x=00y?=' }), []],
  ['a 10 KB Message-ID', () => aMail({ 'Message-ID': `<${'a'.repeat(10_000)}@b.vn>` }), []],
  [
    'an unknown charset',
    () => aMail({ 'Content-Type': 'text/plain; charset=klingon' }, Buffer.from([0xe0, 0xe1, 0x41])),
    ['charset_guessed'],
  ],
  [
    'a lone surrogate',
    () =>
      aMail(
        { 'Content-Type': 'text/plain; charset=utf-16le', 'Content-Transfer-Encoding': 'base64' },
        Buffer.from([0x41, 0, 0, 0xd8, 0x42, 0]).toString('base64'),
      ),
    [],
  ],
  ['NUL in the text', () => aMail({}, 'a\0b'), []],
  ['a boundary that is missing', () => aMail({ 'Content-Type': 'multipart/mixed' }, 'xin chao'), ['mime_broken']],
  [
    'a boundary that never comes',
    () => aMail({ 'Content-Type': 'multipart/mixed; boundary=x' }, 'xin chao'),
    ['mime_broken'],
  ],
  ['base64 that is none', () => aMail({ 'Content-Transfer-Encoding': 'base64' }, '%%%%'), ['mime_broken']],
  ['5,000 levels of multipart', deepMultipart, 'too_many_parts'],
  [
    '100 levels of multipart',
    () =>
      aMail(
        { 'Content-Type': 'multipart/mixed; boundary=b0' },
        Array.from(
          { length: 100 },
          (_, n) => `--b${n}${crlf}Content-Type: multipart/mixed; boundary=b${n + 1}${crlf}${crlf}`,
        ).join(''),
      ),
    'too_deeply_nested',
  ],
  [
    '1,000,000 empty parts',
    () => aMail({ 'Content-Type': 'multipart/mixed; boundary=b' }, `--b${crlf}${crlf}`.repeat(1_000_000)),
    'too_many_parts',
  ],
  [
    '100,000 recipients',
    () => aMail({ To: Array.from({ length: 100_000 }, (_, n) => `u${n}@b.vn`).join(`,${crlf} `) }),
    'header_too_large',
  ],
  [
    '5,000 recipients',
    () => aMail({ To: Array.from({ length: 5_000 }, (_, n) => `u${n}@b.vn`).join(', ') }),
    'too_many_recipients',
  ],
  [
    '500 recipients',
    () => aMail({ To: Array.from({ length: 500 }, (_, n) => `u${n}@b.vn`).join(`,${crlf} `) }),
    ['recipients_cut'],
  ],
  [
    '20,000 references',
    () => aMail({ References: Array.from({ length: 20_000 }, (_, n) => `<${n}@b.vn>`).join(`${crlf} `) }),
    'header_too_large',
  ],
  [
    '5,000 references',
    () => aMail({ References: Array.from({ length: 5_000 }, (_, n) => `<${n}@b.vn>`).join(' ') }),
    [],
  ],
  ['3 MB of header', () => aMail({ 'X-Fill': 'x'.repeat(3_000_000) }), 'header_too_large'],
  ['a body without an end of line', () => aMail({}, 'x'.repeat(3_000_000)), ['truncated']],
  ['a file name that climbs', () => withFile('../../../etc/passwd', 'text/x-sh', 'rm'), []],
  ['a file name of 300 characters', () => withFile(`${'a'.repeat(300)}.pdf`, 'application/pdf', '%PDF'), []],
  ['an executable picture', () => withFile('x.svg', 'image/svg+xml', '<svg onload="alert(1)"/>'), []],
  ['deeply nested markup', () => aMail({ 'Content-Type': 'text/html' }, '<b>'.repeat(100_000)), ['truncated']],
  [
    'a tracking pixel',
    () => aMail({ 'Content-Type': 'text/html' }, '<p>Xin chào<img src="http://t.example/x.gif" width=1>'),
    ['remote_images'],
  ],
  ['a line of 200 KB that looks like a quote', () => aMail({}, `On ${'a '.repeat(100_000)}`), ['truncated']],
];

describe('bad mail', () => {
  it.each(table)('%s', async (_name, build, expected) => {
    const raw = build();
    const started = performance.now();
    const result = await normalizeMail(raw, aContext(), hashOnly);
    expect(performance.now() - started).toBeLessThan(3_000);
    if (result.kind === 'feedback') {
      expect(contracts.feedbackReceived.schema.safeParse(result.event).error).toBeUndefined();
      expect(result.event.signals.flags).toEqual(expect.arrayContaining([...expected]));
      expect(result.event.signals.flags).toHaveLength(expected.length);
    } else {
      expect(result).toMatchObject({ kind: 'refused', reason: expected });
    }
    const again = await normalizeMail(raw, aContext(), hashOnly);
    expect(again).toEqual(result);
  });

  it('a mail above the limit is refused while it streams', async () => {
    const limits = { ...aContext().limits, bytes: 100_000 };
    const result = await normalizeMail(aMail({}, 'x\r\n'.repeat(50_000)), aContext({ limits }), hashOnly);
    expect(result).toMatchObject({ kind: 'refused', reason: 'message_too_large', step: 'measure' });
  });

  it('names of files cannot leave a folder nor carry signs of direction', async () => {
    const result = await normalizeMail(withFile('..\\..\\con\u202e.txt', 'text/x', 'x'), aContext(), hashOnly);
    expect(result.kind === 'feedback' && result.event.attachments.map((file) => file.name)).toEqual(['_con.txt']);
  });
});
