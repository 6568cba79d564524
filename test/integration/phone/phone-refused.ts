import { contracts, topics } from '#contracts';
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js';
import { authToken, ourNumber, type PhoneService, phoneService, signed } from './phone-service.js';

const form = 'application/x-www-form-urlencoded';

describe('what is refused by telephone, and stored nowhere', () => {
  let service: PhoneService;
  const smsUrl = () => `${service.url}/webhooks/twilio/${service.ids.twilio}/sms`;
  const events = (messageId: string) =>
    service.records(
      topics.feedbackReceived,
      contracts.feedbackReceived,
      ({ provider, account }) => provider.messageId === messageId && Object.values(service.ids).includes(account),
    );
  const post = async (path: string, body: string | Buffer, headers: Record<string, string>) =>
    await fetch(`${service.url}${path}`, { method: 'POST', body, headers });
  const call = (fields: object) =>
    JSON.stringify({ caller: '0162 234 5678', callee: '02363888999', start: '2026-11-20T02:00:00Z', ...fields });

  beforeAll(async () => {
    service = await phoneService();
  });
  afterAll(() => service.close());

  const sid = 'SM-never-kept';
  const good = () => ({ MessageSid: sid, From: '+84901112223', To: ourNumber, Body: 'a b+c é', AccountSid: 'AC0' });
  const encoded = () => new URLSearchParams(good()).toString();
  const sign = (url: string, fields: Record<string, string>, token = authToken) =>
    getExpectedTwilioSignature(token, url, fields);
  const twilio = (body: string, signature?: string) => async () =>
    await fetch(smsUrl(), {
      method: 'POST',
      body,
      headers: { 'content-type': form, ...(signature === undefined ? {} : { 'x-twilio-signature': signature }) },
    });
  const own = () => sign(smsUrl(), good());
  const pbx = (body: string | Buffer, headers: Record<string, string>) => async () =>
    await post(`/webhooks/pbx/${service.ids.pbx}`, body, headers);
  const sms = (body: string, headers: Record<string, string>) => async () =>
    await post(`/webhooks/sms/${service.ids.gateway}`, body, headers);
  const aCall = () => call({ uuid: sid, billsec: 1, result: 'ANSWERED' });
  const calls = (token?: string) => async () =>
    await post('/api/v1/calls', '{}', {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: token }),
    });
  const json = { 'content-type': 'application/json' };

  it.each<[string, number, string, () => Promise<Response>]>([
    ['no signature', 403, 'signature_invalid', () => twilio(encoded())()],
    ['an empty signature', 403, 'signature_invalid', () => twilio(encoded(), '')()],
    ['a truncated signature', 403, 'signature_invalid', () => twilio(encoded(), own().slice(0, -4))()],
    ['a longer signature', 403, 'signature_invalid', () => twilio(encoded(), `${own()}AAAA`)()],
    ['a signature that is no base64', 403, 'signature_invalid', () => twilio(encoded(), '%%%')()],
    ['one byte changed', 403, 'signature_invalid', () => twilio(encoded().replace('Body=a', 'Body=b'), own())()],
    ['a parameter more', 403, 'signature_invalid', () => twilio(`${encoded()}&Extra=1`, own())()],
    ['a parameter twice', 403, 'signature_invalid', () => twilio(`${encoded()}&Body=other`, own())()],
    [
      'a value trimmed',
      403,
      'signature_invalid',
      () => twilio(encoded(), sign(smsUrl(), { ...good(), Body: 'a b+c é ' }))(),
    ],
    ['a secret long gone', 403, 'signature_invalid', () => twilio(encoded(), sign(smsUrl(), good(), 'gone'))()],
    ['an empty secret', 403, 'signature_invalid', () => twilio(encoded(), sign(smsUrl(), good(), ''))()],
    [
      'https signed, http configured',
      403,
      'signature_invalid',
      () => twilio(encoded(), sign(smsUrl().replace('http:', 'https:'), good()))(),
    ],
    [
      'another host signed',
      403,
      'signature_invalid',
      () => twilio(encoded(), sign(smsUrl().replace('127.0.0.1', 'evil.example'), good()))(),
    ],
    ['another path signed', 403, 'signature_invalid', () => twilio(encoded(), sign(`${smsUrl()}-status`, good()))()],
    [
      'a body hash of another body',
      403,
      'signature_invalid',
      async () => {
        const url = `${smsUrl()}?bodySHA256=${'0'.repeat(64)}`;
        return await fetch(url, {
          method: 'POST',
          body: encoded(),
          headers: { 'content-type': form, 'x-twilio-signature': sign(url, {}) },
        });
      },
    ],
    [
      'a forwarded host that would fit',
      403,
      'signature_invalid',
      async () => {
        const signature = sign(smsUrl().replace(/\/\/[^/]+/, '//evil.example'), good());
        return await fetch(smsUrl(), {
          method: 'POST',
          body: encoded(),
          headers: { 'content-type': form, 'x-forwarded-host': 'evil.example', 'x-twilio-signature': signature },
        });
      },
    ],
    [
      'an account that nobody configured',
      404,
      'unknown_account',
      () => post('/webhooks/twilio/nobody/sms', encoded(), { 'content-type': form }),
    ],
    ['an account named like a property', 404, 'unknown_account', () => post('/webhooks/pbx/__proto__', '{}', json)],
    [
      'an exchange at the route of Twilio',
      404,
      'unknown_account',
      () => post(`/webhooks/twilio/${service.ids.pbx}/voice-status`, encoded(), { 'content-type': form }),
    ],
    [
      'an SMS account at the route of calls',
      404,
      'unknown_account',
      () => post(`/webhooks/twilio/${service.ids.twilio}/voice-status`, encoded(), { 'content-type': form }),
    ],
    ['a huge body', 413, 'body_too_large', () => twilio(`Body=${'a'.repeat(200_000)}`, own())()],
    [
      'a body of another type',
      415,
      'unsupported_media_type',
      () => post(`/webhooks/pbx/${service.ids.pbx}`, '<a/>', { 'content-type': 'text/xml' }),
    ],
    ['JSON without a signature', 403, 'signature_invalid', () => pbx(aCall(), json)()],
    ['JSON under another secret', 403, 'signature_invalid', () => pbx(aCall(), signed(aCall(), 'other'))()],
    [
      'JSON with a truncated signature',
      403,
      'signature_invalid',
      () => pbx(aCall(), { ...json, 'x-gateway-signature': signed(aCall())['x-gateway-signature'].slice(0, 63) })(),
    ],
    [
      'a signature in capitals',
      403,
      'signature_invalid',
      () => pbx(aCall(), { ...json, 'x-gateway-signature': signed(aCall())['x-gateway-signature'].toUpperCase() })(),
    ],
    [
      'JSON written anew',
      403,
      'signature_invalid',
      () => pbx(JSON.stringify(JSON.parse(aCall()), undefined, 1), signed(aCall()))(),
    ],
    ['escapes written as letters', 403, 'signature_invalid', () => sms('{"text":"ä"}', signed('{"text":"\\u00e4"}'))()],
    [
      'a byte order mark in front',
      403,
      'signature_invalid',
      () => pbx(Buffer.from(`\ufeff${aCall()}`), signed(aCall()))(),
    ],
    [
      "an exchange's body at the gateway",
      404,
      'unknown_account',
      () => post(`/webhooks/sms/${service.ids.pbx}`, aCall(), signed(aCall())),
    ],
    [
      'a status without a signature',
      403,
      'signature_invalid',
      () => post(`/webhooks/sms/${service.ids.gateway}/status`, '{"RequestId":"x"}', json),
    ],
    [
      "Twilio's status without a signature",
      403,
      'signature_invalid',
      () =>
        post(`/webhooks/twilio/${service.ids.twilio}/sms-status?reply=x`, 'MessageStatus=delivered', {
          'content-type': form,
        }),
    ],
    ['a call logged by nobody', 401, 'token_missing', () => calls()()],
    ['a call logged with a forged token', 401, 'token_invalid', () => calls('Bearer a.b.c')()],
  ])('%s: %d %s', async (_, status, code, attempt) => {
    const answer = await attempt();
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([status, code]);
  });

  it('no event of it is on the log', async () => {
    expect(await events(sid)).toEqual([]);
  });
});
