import fc from 'fast-check';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { readPhone } from './phone.js';

describe('readPhone', () => {
  it.each([
    ['0912 345 678', '+84912345678'],
    ['+84 912.345.678', '+84912345678'],
    ['(028) 3822-1234', '+842838221234'],
    ['+1 650 253 0000', '+16502530000'],
    ['19001234', '+8419001234'],
    ['0123456', undefined],
    ['01234567890', undefined],
  ])('reads %j as %j', (text, e164) => {
    expect(readPhone(text)).toEqual(e164 === undefined ? { text } : { text, e164 });
  });

  it.each(['call me', '12', '+', '0912 345 678 ext 9', '1'.repeat(60)])('refuses %j', (text) => {
    expect(readPhone(text)).toBe('invalid');
  });

  it('agrees with the library on every number of ten digits', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^(?:0|\+84)[1-9]\d{8}$/), (text) => {
        const number = parsePhoneNumberFromString(text, 'VN');
        expect(readPhone(text)).toEqual(number?.isValid() === true ? { text, e164: number.number } : { text });
      }),
      { numRuns: 2000 },
    );
  });
});
