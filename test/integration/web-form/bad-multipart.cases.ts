import type { BadInput } from './bad-json.cases.js';

const boundary = 'XyZ';
export const multipartType = { 'content-type': `multipart/form-data; boundary=${boundary}` };
/** As much of a picture as its type is known by. */
export const png = Buffer.from('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489', 'hex');

type Part = readonly [name: string, value: string | Buffer, file?: { readonly name: string; readonly type: string }];

export function multipart(...parts: readonly Part[]): Buffer {
  const chunks = parts.flatMap(([name, value, file]) => {
    const more = file === undefined ? '' : `; filename="${file.name}"\r\nContent-Type: ${file.type}`;
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n`;
    return [Buffer.from(head), Buffer.from(value), Buffer.from('\r\n')];
  });
  return Buffer.concat([...chunks, Buffer.from(`--${boundary}--\r\n`)]);
}

const message: Part = ['message', 'x'];
export const image = (name: string, bytes: string | Buffer = png): Part => [
  'files',
  bytes,
  { name, type: 'image/png' },
];
const text = (bytes: string, name = 'a.txt', type = 'text/plain'): Part => ['files', bytes, { name, type }];
const many = (count: number, part: (index: number) => Part) => Array.from({ length: count }, (_, index) => part(index));

const taken = (what: string, ...parts: Part[]): BadInput => [
  what,
  multipart(message, ...parts),
  multipartType,
  202,
  undefined,
  [],
];
const malformed = (
  what: string,
  body: string | Buffer,
  code = 'invalid_multipart',
  headers = multipartType,
): BadInput => [what, body, headers, 400, code, []];
const invalid = (what: string, field: string, code: string, ...parts: Part[]): BadInput => [
  what,
  multipart(message, ...parts),
  multipartType,
  422,
  code,
  [field],
];
const tooLarge = (what: string, body: Buffer, code: string, ...fields: string[]): BadInput => [
  what,
  body,
  multipartType,
  413,
  code,
  fields,
];
const wrongType = (what: string, part: Part): BadInput => [
  what,
  multipart(message, part),
  multipartType,
  415,
  'file_type_not_allowed',
  ['files'],
];

const whole = multipart(message);
const svg = '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>';

export const badMultipart: readonly BadInput[] = [
  malformed('multipart without a boundary', whole, 'invalid_multipart', { 'content-type': 'multipart/form-data' }),
  malformed('multipart that ends early', whole.subarray(0, -8)),
  malformed('a file that ends early', multipart(message, image('a.png')).subarray(0, -30)),
  malformed('multipart with the wrong boundary', whole, 'invalid_multipart', {
    'content-type': 'multipart/form-data; boundary=other',
  }),
  malformed('an empty multipart body', ''),
  malformed('one field twice', multipart(message, message), 'duplicate_field'),
  malformed('fields that are no JSON', multipart(message, ['fields', '{']), 'invalid_json'),
  tooLarge('10,000 parts', multipart(...many(10_000, (index) => [`f${index}`, 'x'])), 'too_many_parts'),
  tooLarge('megabytes before the first part', Buffer.concat([Buffer.alloc(4_000_000, 'x'), whole]), 'body_too_large'),
  tooLarge('a text field of 200 KB', multipart(['message', 'x'.repeat(200_000)]), 'field_too_large'),
  tooLarge(
    'a file over the limit',
    multipart(message, image('a.png', Buffer.concat([png, Buffer.alloc(100_000)]))),
    'file_too_large',
    'files',
  ),
  invalid('10,000 files', 'files', 'too_many_files', ...many(10_000, () => image('a.png'))),
  invalid('six files', 'files', 'too_many_files', ...many(6, () => image('a.png'))),
  invalid('a name of 100 KB', 'm'.repeat(100), 'validation_failed', ['m'.repeat(100_000), 'x']),
  invalid('__proto__ as a part', '__proto__', 'validation_failed', ['__proto__', 'y']),
  invalid('files as text', 'files', 'validation_failed', ['files', 'y']),
  invalid('a file in another field', 'cv', 'validation_failed', ['cv', png, { name: 'a.png', type: 'image/png' }]),
  wrongType('a program named as a picture', image('a.png', `MZ${'\0'.repeat(200)}`)),
  wrongType('HTML named as a picture', image('a.png', '<html><script>1</script>')),
  wrongType('HTML named as text', text('  <svg onload=1>')),
  wrongType('SVG', text(svg, 'a.svg', 'image/svg+xml')),
  taken('an empty file', text('')),
  taken('plain text', text('ghi chú')),
  taken('a file name that climbs', image('../../../etc/passwd')),
  taken('a file name of 3,000 bytes', image(`${'ế'.repeat(1000)}.png`)),
  taken('an empty file field, as browsers send it', text('', '', 'application/octet-stream')),
];
