import fc from 'fast-check';
import { emailAddress } from './email-address.js';

describe('emailAddress', () => {
  it.each([
    ['Lan@Example.VN', 'lan@example.vn'],
    ['a.b+c@sub.example.com', 'a.b+c@sub.example.com'],
    ['người@tênmiền.vn', 'người@tênmiền.vn'],
  ])('takes %j', (written, address) => {
    expect(emailAddress(written)).toBe(address);
  });

  it.each([
    '',
    '@',
    'a@',
    '@b.vn',
    'a@b',
    'a b@c.vn',
    'a@b c.vn',
    'a@-b.vn',
    'a@b-.vn',
    'a@b..vn',
    '.a@b.vn',
    'a.@b.vn',
    'a..b@c.vn',
    'a@b@c.vn',
    '"a"@b.vn',
    'a@[127.0.0.1]',
    'a\r\nBcc: x@b.vn',
    `${'a'.repeat(65)}@b.vn`,
    `a@${'b'.repeat(64)}.vn`,
    `a@${'b.'.repeat(130)}vn`,
  ])('refuses %j', (written) => {
    expect(emailAddress(written)).toBeUndefined();
  });

  it('takes every usual address', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z0-9]{1,20}([._+-][a-z0-9]{1,20}){0,2}@([a-z0-9]{1,20}\.){1,3}[a-z]{2,6}$/),
        (written) => {
          expect(emailAddress(written)).toBe(written);
        },
      ),
    );
  });
});
