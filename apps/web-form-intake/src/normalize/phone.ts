import { parsePhoneNumberFromString } from 'libphonenumber-js/max';

export interface Phone {
  /** As written. */
  readonly text: string;
  /** Only of a valid number: only that becomes an identity. */
  readonly e164?: string;
}

const shape = /^[+0-9(][0-9() ./-]{5,38}$/;
/** Vietnamese mobile numbers, which are nearly all that a form gets: reading one in full takes longer than checking all other fields. */
const vietnameseMobile = /^(?:0|\+84)((?:3\d|5[689]|7[06-9]|8[1-8]|9[0-8])\d{7})$/;

/** Any plausible number is taken, since a wrong one must not lose the message. Numbers without a country are Vietnamese. */
export function readPhone(text: string): Phone | 'invalid' {
  if (!shape.test(text)) return 'invalid';
  const mobile = vietnameseMobile.exec(text.replaceAll(/[ ./-]/g, ''));
  if (mobile !== null) return { text, e164: `+84${mobile[1]}` };
  const number = parsePhoneNumberFromString(text, 'VN');
  return number?.isValid() === true ? { text, e164: number.number } : { text };
}
