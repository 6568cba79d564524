import { CursorCodec } from './cursor.js';

const question = { list: 'tickets', status: ['open'], sort: '-number' };
const codec = new CursorCodec(Buffer.alloc(32, 7));

it('gives back the place that it was made from', () => {
  expect(codec.decode(question, codec.encode(question, ['2026-11-22 10:00:00.123456+00', '7']))).toEqual([
    '2026-11-22 10:00:00.123456+00',
    '7',
  ]);
});

const good = codec.encode(question, ['7']);
const [body = '', mac = ''] = good.split('.');

it.each([
  ['empty', ''],
  ['no signature', body],
  ['an own place under the old signature', `${Buffer.from('["999999"]').toString('base64url')}.${mac}`],
  ['a cut signature', good.slice(0, -2)],
  ['a third part', `${good}.x`],
  ['something else', "' OR 1=1 --"],
  ['another replica set', new CursorCodec(Buffer.alloc(32, 8)).encode(question, ['7'])],
  ['another question', codec.encode({ ...question, status: ['closed'] }, ['7'])],
])('refuses %s', (_, cursor) => {
  expect(() => codec.decode(question, cursor)).toThrow(expect.objectContaining({ code: 'cursor_invalid' }) as Error);
});
