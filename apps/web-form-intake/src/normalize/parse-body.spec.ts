import fc from 'fast-check';
import { formatOf, fromTexts, parseBody } from './parse-body.js';

const malformed = (code: string) => expect.objectContaining({ kind: 'malformed', code }) as unknown;

describe('parseBody', () => {
  it.each([
    ['json', '{"message":"a"}', { message: 'a' }],
    ['json', '\ufeff{"message":"a"}', { message: 'a' }],
    ['json', '{"message":1,"message":2}', { message: 2 }],
    ['urlencoded', 'message=xin+ch%C3%A0o&name=', { message: 'xin chào' }],
    [
      'urlencoded',
      'message=a&fields%5Bunit%5D=THPT&fields%5Blines%5D=2',
      { message: 'a', fields: { unit: 'THPT', lines: '2' } },
    ],
    ['urlencoded', 'message=a&fields=%7B%22n%22%3A1%7D', { message: 'a', fields: { n: 1 } }],
    ['urlencoded', 'rating=4&consent=on', { rating: 4, consent: true }],
    ['urlencoded', 'rating=four&consent=perhaps', { rating: 'four', consent: 'perhaps' }],
  ] as const)('reads %s %j', (format, text, value) => {
    expect(parseBody(format, Buffer.from(text))).toEqual({ ok: true, value });
  });

  it.each([
    ['json', '', 'empty_body'],
    ['json', '"a"', 'invalid_json'],
    ['json', '{', 'invalid_json'],
    ['urlencoded', 'message=a&message=b', 'duplicate_field'],
    ['urlencoded', 'fields=1', 'invalid_json'],
  ] as const)('refuses %s %j as %s', (format, text, code) => {
    expect(parseBody(format, Buffer.from(text))).toEqual({ ok: false, refusal: malformed(code) });
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.constantFrom('json' as const, 'urlencoded' as const), (bytes, format) => {
        expect(typeof parseBody(format, Buffer.from(bytes)).ok).toBe('boolean');
      }),
    );
  });

  it('keeps a key named __proto__ as a key', () => {
    const read = fromTexts([['__proto__', 'x']]);
    expect(read.ok && Object.keys(read.value)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(read.ok ? read.value : null)).toBe(Object.prototype);
  });
});

describe('formatOf', () => {
  it.each([
    ['application/json', 'json'],
    ['application/x-www-form-urlencoded', 'urlencoded'],
    ['application/vnd.phanhoi.form+json', 'rendition'],
    [undefined, 'json'],
  ])('reads %j as %s', (contentType, format) => {
    expect(formatOf(contentType)).toBe(format);
  });
});
