import { deliverWebhooks, LineSimulator, postWebhook, uniqueName } from '#testing';
import { Answers } from './answers.js';
import { refusals } from './refusals.js';
import { ServiceUnderTest } from './service-under-test.js';

const credentials = { channelSecret: 'the-secret-of-now', channelAccessToken: 'the-token' };

describe('LINE', () => {
  const account = uniqueName('line');
  const an = LineSimulator.person();
  let line: LineSimulator;
  let service: ServiceUnderTest;
  let answers: Answers;
  let url: string;
  beforeAll(async () => {
    line = await LineSimulator.start(credentials);
    const options = { api: line.api, content: line.api };
    service = await ServiceUnderTest.start([{ id: account, channel: 'line', provider: 'line', credentials, options }]);
    answers = await Answers.of(service);
    url = `${service.url}/webhooks/line/${account}`;
  }, 90_000);
  afterAll(async () => {
    await answers.close();
    await service.close();
    await line.close();
  });

  it('refuses what is not proven, and keeps none of it', async () => {
    const { body, headers } = line.text(an, 'không tin được');
    await refusals(url, [
      ['no signature', { body, headers: {} }],
      ['one byte changed', { body: Buffer.from(body.toString().replace('tin', 'tim')), headers }],
      ['an old secret', line.sign({ events: [] }, 'the-secret-of-yesterday')],
    ]);
    expect([await service.events([account], 0), await service.deadLetters([account])]).toEqual([[], []]);
  }, 60_000);

  it('becomes events: text, a file, a message taken back; twice is once', async () => {
    const bytes = Buffer.from('%PDF-1.7 một tệp nhỏ');
    const text = line.text(an, 'Mạng chậm');
    const [{ message }] = (JSON.parse(text.body.toString()) as { events: [{ message: { id: string } }] }).events;
    const webhooks = [line.verify(), text, line.file(an, { name: 'hoá đơn.pdf', bytes }), line.unsend(an, message.id)];
    expect(await deliverWebhooks(url, webhooks, { times: 2, connections: 1 })).toEqual(Array(8).fill(200));
    const events = await service.events([account], 6);
    const once = [...new Map(events.map((event) => [event.id, event])).values()];
    expect(once.map(({ kind, channel }) => `${channel} ${kind}`)).toEqual([
      'line message',
      'line message',
      'line deletion',
    ]);
    const [said, document, taken] = once;
    expect(said).toMatchObject({
      text: 'Mạng chậm',
      author: { identity: { kind: 'handle', value: `line:${an}` }, verified: true },
    });
    expect(document).toMatchObject({ attachments: [{ name: 'hoá đơn.pdf', bytes: bytes.length }] });
    expect(taken).toMatchObject({ provider: { refersTo: message.id } });
    expect(new Set(once.map(({ conversationKey }) => conversationKey)).size).toBe(1);
  }, 60_000);

  it.each([
    ['took it and hung up', 'take_and_hang_up'],
    ['hung up', 'hang_up'],
    ['fell over', { status: 500, body: '{}' }],
  ] as const)('delivers an answer once when LINE %s: the retry key tells', async (_, fault) => {
    const to = LineSimulator.person();
    line.failNext(fault);
    const reply = await answers.request({
      account,
      channel: 'line',
      to: { kind: 'handle', value: `line:${to}` },
      text: 'Đã xong 🙏',
    });
    expect((await answers.reached(reply, 'sent')).at(-1)).toBe('sent');
    expect(line.answers.filter((answer) => answer.to === to)).toEqual([{ to, text: 'Đã xong 🙏' }]);
  });

  it('refuses what is too long, naming the limit, and whom LINE does not know', async () => {
    const to = { kind: 'handle' as const, value: `line:${an}` };
    const long = await answers.request({ account, channel: 'line', to, text: 'ệ'.repeat(5_001) });
    expect((await answers.reached(long, 'failed')).at(-1)).toBe('failed message_too_large');
    const unknown = await answers.request({ account, channel: 'line', to: { ...to, value: 'line:An' } });
    expect((await answers.reached(unknown, 'failed')).at(-1)).toBe('failed recipient_rejected');
  });

  it('is not found under an account that we do not have', async () => {
    expect(await postWebhook(`${service.url}/webhooks/line/nobody`, line.text(an, 'x'))).toMatchObject({ status: 404 });
  });
});
