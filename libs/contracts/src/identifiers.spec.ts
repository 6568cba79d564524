import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { conversationKey, findFormReference, formReference, hmacSha256, uuidV5 } from './identifiers.js';

const text = fc.string({ unit: 'binary', maxLength: 200 });
const utf8 = (value: string) => Buffer.from(value).toString();

describe('identifiers', () => {
  it('hmacSha256 is HMAC', () => {
    fc.assert(
      fc.property(text, text, (secret, value) => {
        expect(hmacSha256(secret, value)).toBe(createHmac('sha256', secret).update(value).digest('binary'));
      }),
    );
  });

  it('uuidV5 is the hash of its parts, with version 5 and the RFC’s variant', () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 4 }), (parts) => {
        const name = parts.map((part) => `${Buffer.byteLength(part)}:${utf8(part)}`).join('');
        const bytes = createHash('sha1')
          .update(Buffer.from('5f2c1c64c8a84be58d2f6a4a6d1f9b70', 'hex'))
          .update(name)
          .digest();
        bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
        bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
        expect(uuidV5(...parts).replaceAll('-', '')).toBe(bytes.toString('hex', 0, 16));
      }),
    );
  });

  it('a form reference is found again in what a customer writes, and no other', () => {
    fc.assert(
      fc.property(fc.uuid(), (id) => {
        const reference = formReference(id);
        expect(reference).toMatch(/^F-[0-9A-HJKMNP-TV-Z]{10}[0-9A-HJKMNP-TV-Z*~$=U]$/);
        expect(findFormReference(`về việc ${reference.toLowerCase()}, xin hỏi`)).toBe(reference);
        const wrong = reference.endsWith('0') ? `${reference.slice(0, -1)}1` : `${reference.slice(0, -1)}0`;
        expect(findFormReference(wrong)).toBeUndefined();
      }),
    );
  });

  it.each([
    ['uuid', uuidV5('feedback', 'web_form', 'feedback', 'k', 'k'), 'f8dea66e-b9ad-5a8d-b5a0-5b73a95f9966'],
    [
      'conversation key',
      conversationKey('a secret of at least thirty-two characters', 'mail:<a@b.vn>'),
      'ex5x6fp3wh26zgum7gddawujwjb2ulv7',
    ],
    ['reference', formReference('0d4f3c9e-1f0c-5d59-9a38-50a1f5ce8b11'), 'F-1N7KS7GZ1H5'],
  ])('the %s never changes: the log is full of them', (_, value, expected) => {
    expect(value).toBe(expected);
  });
});
