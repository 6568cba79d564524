import type { ChannelAccount } from '#env';
import { line } from './line.js';

const account: ChannelAccount = {
  id: 'line',
  channel: 'line',
  provider: 'line',
  credentials: { channelSecret: 'next_secret, test_secret', channelAccessToken: 'token' },
  options: {},
};
const network = line(account);
const body = Buffer.from('{"hello":"world"}');
/** Source: github.com/line/line-bot-sdk-nodejs, its spec of validateSignature. */
const vector = 't7Hn4ZDHqs6e+wdvI5TyQIvzie0DmMUmuXEBqyyE/tM=';

it.each<[string, string, Buffer, string | undefined]>([
  ['the vector of the SDK', 'genuine', body, vector],
  ['one byte changed', 'forged', Buffer.from('{"hello":"World"}'), vector],
  ['re-serialized', 'forged', Buffer.from('{ "hello": "world" }'), vector],
  ['truncated', 'forged', body, vector.slice(0, -4)],
  ['in lower case', 'forged', body, vector.toLowerCase()],
  ['in hexadecimal', 'forged', body, Buffer.from(vector, 'base64').toString('hex')],
  ['with a space', 'forged', body, ` ${vector}`],
  ['empty', 'forged', body, ''],
  ['missing', 'forged', body, undefined],
  ['of an empty body', 'forged', Buffer.alloc(0), vector],
])("LINE's signature, %s: %s", (_, verdict, bytes, signature) => {
  const headers = signature === undefined ? {} : { 'x-line-signature': signature };
  expect(network.verify({ body: bytes, headers })).toBe(verdict);
});

it('under an old secret is forged', () => {
  const old = line({ ...account, credentials: { channelSecret: 'next_secret', channelAccessToken: 'token' } });
  expect(old.verify({ body, headers: { 'x-line-signature': vector } })).toBe('forged');
});
