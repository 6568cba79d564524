import type { ChannelAccount } from '#env';
import { documentedZalo, ZaloSimulator } from '#testing';
import { zalo } from './zalo.js';

const app = { appId: '360846524940903967', oaSecretKey: 'oa-secret', oaId: '388613280878808645' };
const simulator = new ZaloSimulator(app);
const account: ChannelAccount = {
  id: 'zalo',
  channel: 'zalo',
  provider: 'zalo',
  credentials: { appId: app.appId, oaSecretKey: 'next-secret, oa-secret' },
  options: {},
};
const fail = (): never => {
  throw new Error('no token is needed to receive');
};
const network = zalo(account, { accessTokens: fail });
const { body } = simulator.sign(documentedZalo.text.payload);
/** Of the documented payload in compact JSON: made with Python's hashlib by the documented formula, not by this code. */
const vector = '8dbbdc472a6388427ac970d91c3b52eb2d0b1cf4a6ed162175383138a09e1b42';
const timestamp = documentedZalo.text.payload.timestamp;

describe("Zalo's signature", () => {
  it.each<[string, string, Buffer, Record<string, string>]>([
    ['as documented', 'genuine', body, { 'x-zevent-signature': `mac=${vector}` }],
    ['without mac=', 'genuine', body, { 'x-zevent-signature': vector }],
    ['in upper case', 'genuine', body, { 'x-zevent-signature': `MAC = ${vector.toUpperCase()}` }],
    [
      'over the time of the header',
      'genuine',
      body,
      { 'x-zevent-signature': simulator.macOf(body, '77'), 'x-zevent-timestamp': '77' },
    ],
    ['truncated', 'forged', body, { 'x-zevent-signature': vector.slice(0, 63) }],
    ['empty', 'forged', body, { 'x-zevent-signature': '' }],
    ['of another body', 'forged', Buffer.concat([body, Buffer.from(' ')]), { 'x-zevent-signature': vector }],
    [
      'over re-serialized bytes',
      'forged',
      Buffer.from(body.toString().replace(':', ': ')),
      { 'x-zevent-signature': vector },
    ],
    ['over another time', 'forged', body, { 'x-zevent-signature': simulator.macOf(body, '78') }],
    ['missing', 'forged', body, {}],
    ['missing on a probe', 'probe', Buffer.from('{}'), {}],
    ['missing on a probe with spaces', 'probe', Buffer.from(' {}\n'), {}],
    ['missing on nothing', 'forged', Buffer.alloc(0), {}],
    ['missing on an empty list', 'forged', Buffer.from('[]'), {}],
    ['wrong on a probe', 'forged', Buffer.from('{}'), { 'x-zevent-signature': vector }],
  ])('%s: %s', (_, verdict, bytes, headers) => {
    expect(network.verify({ body: bytes, headers })).toBe(verdict);
  });

  it('under an old secret is forged', () => {
    const old = new ZaloSimulator({ ...app, oaSecretKey: 'old-secret' });
    const { headers } = old.sign(documentedZalo.text.payload);
    expect(network.verify({ body, headers })).toBe('forged');
  });

  it('does not take a time that somebody has written into his text for the one that was signed', () => {
    const text = `"timestamp":"${timestamp}"`;
    const { headers, body: bytes } = simulator.sign({ ...documentedZalo.text.payload, message: { text, msg_id: '1' } });
    expect(network.verify({ body: bytes, headers })).toBe('genuine');
  });
});
