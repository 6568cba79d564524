import { readExactJson } from './exact-json.js';

describe('JSON of a webhook', () => {
  it.each<[string, string, unknown]>([
    [
      'an id beyond 2^53',
      '{"id":9007199254740993,"n":[-12345678901234567890]}',
      { id: '9007199254740993', n: ['-12345678901234567890'] },
    ],
    ['the largest exact number', '{"id":9007199254740991}', { id: 9007199254740991 }],
    ['digits in a text', '{"text":"1: 9007199254740993"}', { text: '1: 9007199254740993' }],
    [
      'a fraction',
      '{"id": 1234567890123456.5, "far": 1e999}',
      { id: 1234567890123456.5, far: Number.POSITIVE_INFINITY },
    ],
    ['a key twice: the last counts', '{"a":1,"a":2}', { a: 2 }],
    ['escapes', '{"a":"\\u00e4\\ud83d\\udc4d"}', { a: 'ä👍' }],
  ])('is exact: %s', (_, text, value) => {
    expect(readExactJson(Buffer.from(text))).toEqual({ ok: true, value });
  });

  it('does not reach a prototype', () => {
    const read = readExactJson(Buffer.from('{"__proto__":{"admin":true}}'));
    expect([read.ok, ({} as Record<string, unknown>)['admin']]).toEqual([true, undefined]);
  });

  it.each([
    ['nothing', '', 'not_json'],
    ['half of it', '{"a":', 'not_json'],
    ['a list', '[]', 'not_an_object'],
    ['null', 'null', 'not_an_object'],
    ['a byte order mark', '\ufeff{}', 'not_json'],
    ['10,000 levels', `{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`, 'too_deep'],
  ])('that is none is told apart: %s', (_, text, detail) => {
    expect(readExactJson(Buffer.from(text))).toEqual({ ok: false, detail });
  });

  it('must be UTF-8', () => {
    expect(readExactJson(Buffer.from([0x7b, 0xff, 0x7d]))).toEqual({ ok: false, detail: 'not_utf8' });
  });
});
