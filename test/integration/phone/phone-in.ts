import { contracts, type FeedbackReceived, type Role, topics } from '#contracts';
import { TwilioSimulator, waitFor } from '#testing';
import { ourNumber, type PhoneService, phoneService, previousAuthToken, signed } from './phone-service.js';

describe('what comes in by telephone', () => {
  let service: PhoneService;
  const smsUrl = () => `${service.url}/webhooks/twilio/${service.ids.twilio}/sms`;
  const events = (messageId: string) =>
    service.records(
      topics.feedbackReceived,
      contracts.feedbackReceived,
      ({ provider, account }) => provider.messageId === messageId && Object.values(service.ids).includes(account),
    );
  const event = async (messageId: string): Promise<FeedbackReceived> =>
    await waitFor(async () => (await events(messageId))[0], { timeoutMs: 20_000, everyMs: 100 });
  const post = async (path: string, body: string | Buffer, headers: Record<string, string>) =>
    await fetch(`${service.url}${path}`, { method: 'POST', body, headers });
  const call = (fields: object) =>
    JSON.stringify({ caller: '0162 234 5678', callee: '02363888999', start: '2026-11-20T02:00:00Z', ...fields });

  beforeAll(async () => {
    service = await phoneService();
  });
  afterAll(() => service.close());

  it('a signed SMS becomes one event, however often it is delivered, and is answered with empty TwiML', async () => {
    const fields = service.twilio.incoming({
      From: '+84322345678',
      To: ourNumber,
      Body: ' Mất mạng từ sáng 😀\u0000 ',
    });
    const answers = await Promise.all([1, 2, 3].map(() => service.twilio.post(smsUrl(), fields)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await answers[0]?.text()).toBe('<?xml version="1.0" encoding="UTF-8"?><Response/>');
    const found = await waitFor(async () => {
      const all = await events(fields['MessageSid'] ?? '');
      return all.length === 3 ? all : undefined;
    });
    expect(new Set(found.map(({ id }) => id)).size).toBe(1);
    expect(found[0]).toMatchObject({
      channel: 'sms',
      kind: 'message',
      account: service.ids.twilio,
      author: { identity: { kind: 'phone', value: '+84322345678' }, verified: true },
      text: ' Mất mạng từ sáng 😀 ',
      signals: { flags: [] },
    });
  });

  it('an SMS and a missed call of an old number share a conversation; only the end of the call is kept', async () => {
    const fields = service.twilio.incoming({ From: '+84322345678', To: ourNumber, Body: 'Gọi lại cho tôi' });
    await service.twilio.post(smsUrl(), fields);
    const body = call({ uuid: `pbx-${service.ids.pbx}`, billsec: 0, result: 'NO ANSWER' });
    expect((await post(`/webhooks/pbx/${service.ids.pbx}`, body, signed(body))).status).toBe(204);
    const voice = `${service.url}/webhooks/twilio/${service.ids.voice}/voice-status`;
    const states = { CallSid: `CA-${service.ids.voice}`, From: '+84322345678', To: ourNumber, Direction: 'inbound' };
    for (const CallStatus of ['ringing', 'in-progress', 'completed'])
      expect((await service.twilio.post(voice, { ...states, CallStatus, CallDuration: '65' })).status).toBe(200);
    const sms = await event(fields['MessageSid'] ?? '');
    const missed = await event(`pbx-${service.ids.pbx}`);
    const answered = await event(`CA-${service.ids.voice}`);
    expect([missed.conversationKey, answered.conversationKey]).toEqual([sms.conversationKey, sms.conversationKey]);
    expect(missed).toMatchObject({
      channel: 'phone',
      kind: 'call',
      occurredAt: '2026-11-20T02:00:00.000Z',
      call: { direction: 'inbound', from: '+84322345678', outcome: 'missed', durationSeconds: 0 },
      signals: { flags: ['missed_call'] },
    });
    expect(answered.call).toMatchObject({ outcome: 'answered', durationSeconds: 65 });
    expect(await events(`CA-${service.ids.voice}`)).toHaveLength(1);
  });

  it('the file of an MMS lies in the store; links to anywhere else are not opened, and the message is kept', async () => {
    service.twilio.media.set('/media/1', { bytes: Buffer.from('a picture'), mediaType: 'image/png' });
    const fields = service.twilio.incoming({
      ...{ From: '+84901112223', To: ourNumber, Body: 'Ảnh', NumMedia: '3' },
      ...{ MediaUrl0: `${service.twilio.api}/media/1`, MediaContentType0: 'image/png' },
      ...{ MediaUrl1: 'http://169.254.169.254/latest/meta-data/', MediaContentType1: 'image/png' },
      ...{ MediaUrl2: `${service.twilio.api}/media/none`, MediaContentType2: 'image/png' },
    });
    await service.twilio.post(smsUrl(), fields);
    const { attachments, signals } = await event(fields['MessageSid'] ?? '');
    expect(attachments).toMatchObject([{ name: 'media-1', mediaType: 'image/png', bytes: 9 }]);
    expect(signals.flags).toEqual(['media_missing', 'media_refused']);
    service.twilio.media.set('/media/none', { bytes: Buffer.from('another'), mediaType: 'image/png' });
    await service.database.query({ name: 'now', text: 'update late_media set next_attempt_at = clock_timestamp()' });
    const edit = await waitFor(
      async () => (await events(fields['MessageSid'] ?? '')).find(({ kind }) => kind === 'edit'),
      {
        timeoutMs: 20_000,
      },
    );
    expect(edit).toMatchObject({
      ...{
        text: 'Ảnh',
        provider: { refersTo: fields['MessageSid'] },
        signals: { flags: ['media_refused', 'late_media'] },
      },
      attachments: [{ name: 'media-1' }, { name: 'media-3', bytes: 7 }],
    });
  });

  it('a token that is being rotated out is still accepted', async () => {
    const old = new TwilioSimulator({ accountSid: 'AC0', authToken: previousAuthToken });
    expect((await old.post(smsUrl(), old.incoming({ From: '+84901112224', To: ourNumber, Body: 'x' }))).status).toBe(
      200,
    );
  });

  const log = async (role: Role, fields: object) =>
    await post('/api/v1/calls', JSON.stringify(fields), {
      'content-type': 'application/json',
      authorization: `Bearer ${await service.token(role)}`,
    });
  const logged = () => ({
    ...{ account: service.ids.voice, direction: 'outbound', from: ourNumber, to: '0901 999 888' },
    ...{ startedAt: '2026-11-20T03:00:00+07:00', durationSeconds: 90, outcome: 'answered', note: 'Hẹn thứ Hai' },
  });

  it('a call that an agent writes down, twice, is one event with his note', async () => {
    const ids: string[] = [];
    for (let times = 0; times < 2; times += 1) {
      const answer = await log('agent', logged());
      expect(answer.status).toBe(202);
      ids.push(((await answer.json()) as { id: string }).id);
    }
    expect(ids[0]).toBe(ids[1]);
    const belongs = ({ id }: FeedbackReceived) => id === ids[0];
    const [kept] = await service.records(topics.feedbackReceived, contracts.feedbackReceived, belongs);
    expect(kept).toMatchObject({
      author: { identity: { kind: 'phone', value: '+84901999888' }, verified: false },
      call: { direction: 'outbound', startedAt: '2026-11-19T20:00:00.000Z', note: 'Hẹn thứ Hai', agent: 'Ai đó' },
      provider: { receivedVia: 'api' },
      text: 'Hẹn thứ Hai',
    });
  });

  it.each<[string, Role, object, number, string]>([
    ['by an analyst', 'analyst', {}, 403, 'forbidden'],
    ['with a field that does not exist', 'agent', { verified: true }, 422, 'validation_failed'],
    ['of a negative length', 'agent', { durationSeconds: -1 }, 422, 'validation_failed'],
    ['beyond what a number can hold', 'agent', { durationSeconds: 2 ** 53 }, 422, 'validation_failed'],
    ['on an account that nobody configured', 'agent', { account: 'nobody' }, 422, 'unknown_account'],
    ['on an account for messages', 'agent', { account: 'sms' }, 422, 'unknown_account'],
  ])('a call written down %s is refused', async (_, role, wrong, status, code) => {
    const answer = await log(role, { ...logged(), ...wrong });
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([status, code]);
  });

  it('what is well signed and not understood is kept in quarantine with its bytes', async () => {
    const body = '{"caller": "0901112223", "result": "EXPLODED"}';
    expect((await post(`/webhooks/pbx/${service.ids.pbx}`, body, signed(body))).status).toBe(204);
    const [letter] = await waitFor(async () => {
      const letters = await service.records(
        topics.dead('phone-intake'),
        contracts.deadLetter,
        ({ source }) => source.kind === 'intake' && source.account === service.ids.pbx,
      );
      return letters.length > 0 ? letters : undefined;
    });
    expect(Buffer.from(letter?.body?.base64 ?? '', 'base64').toString()).toBe(body);
    expect([letter?.reason, letter?.step]).toEqual(['unparseable', 'parse']);
  });
});
