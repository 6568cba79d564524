import { type PhoneAccount, phoneAccountsOf, type TwilioAccount } from '../accounts.js';
import { formParameters, isSignedByTwilio } from './twilio-signature.js';

// Vectors of Twilio's own library, spec/validation.spec.js and the page webhooks-security, read 2026-11-22.
const [account] = phoneAccountsOf([
  {
    ...{ id: 'sms', channel: 'sms', provider: 'twilio', address: '+18005551212', options: {} },
    credentials: { accountSid: 'AC0', authToken: '12345' },
  },
]) as [TwilioAccount & PhoneAccount];
const url = 'https://mycompany.com/myapp.php?foo=1&bar=2';
const body = Buffer.from(
  'CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212',
);
const signature = 'RSOYDt4T1cUTdK1PDd93/VVr8B8=';

it.each([
  ['the vector', url, signature, true],
  ['the port of the scheme added', url.replace('.com', '.com:443'), signature, true],
  ['another port', url.replace('.com', '.com:8443'), signature, true],
  ['another scheme', url.replace('https', 'http'), signature, false],
  ['one bit changed', url, 'RSOYDt4T1cUTdK1PDd93/VVr8B9=', false],
  ['nothing', url, undefined, false],
  ['two headers', url, [signature, signature], false],
])('%s', (_, at, header, valid) => {
  expect(isSignedByTwilio(account, at, body, header)).toBe(valid);
});

it.each([
  ['the vector', '{"property": "value", "boolean": true}', true],
  ['the same JSON written anew', '{"property":"value","boolean":true}', false],
])('a body that is signed by its hash: %s', (_, json, valid) => {
  const hashed = `${url}&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620`;
  expect(isSignedByTwilio(account, hashed, Buffer.from(json), 'a9nBmqA0ju/hNViExpshrM61xv4=')).toBe(valid);
});

it('a name that is a property of every object is a parameter like others', () => {
  expect(Object.entries(formParameters(Buffer.from('__proto__=1&a=1&a=2')))).toEqual([
    ['__proto__', '1'],
    ['a', ['1', '2']],
  ]);
});
