import { contracts, type ReplyDelivery, type ReplyRequested, replyRequestedMessage, topics } from '#contracts';
import { Publisher } from '#kafka';
import { createLogger } from '#observability';
import { aReplyRequested, testBrokers, TwilioSimulator, waitFor } from '#testing';
import { type PhoneService, phoneService } from './phone-service.js';

let nextNumber = 0;
const aNumber = () => `+849012345${String((nextNumber += 1)).padStart(2, '0')}`;

describe('an answer by short message', () => {
  let service: PhoneService;
  const publisher = new Publisher({ brokers: testBrokers(), clientId: 'test', logger: createLogger('test', 'silent') });

  const request = async (account: string, overrides: Partial<ReplyRequested> = {}) => {
    const to = { kind: 'phone' as const, value: aNumber() };
    const reply = aReplyRequested({ account, channel: 'sms', to, ...overrides });
    // Twice: duplicates on the log are normal.
    const message = replyRequestedMessage('phone', reply);
    await publisher.publish([message, message]);
    return reply;
  };
  const reached = (reply: ReplyRequested, state: string) =>
    waitFor(
      async () => {
        const deliveries = await service.records(
          topics.replyDelivery,
          contracts.replyDelivery,
          ({ replyId }) => replyId === reply.id,
        );
        const states = deliveries.map(({ state: at, error }) => (error === undefined ? at : `${at} ${error.code}`));
        return states.at(-1)?.startsWith(state) === true ? states : undefined;
      },
      { timeoutMs: 30_000, everyMs: 200, describe: () => `${reply.id} to be ${state}` },
    );
  const received = (reply: ReplyRequested) =>
    service.twilio.messages.filter(({ to }) => to === reply.to.value).map(({ body }) => body);

  beforeAll(async () => {
    await publisher.start();
    service = await phoneService();
  });
  afterAll(async () => {
    await publisher.close();
    await service.close();
  });

  it('goes out once through Twilio, and its callbacks, doubled and out of order, become deliveries', async () => {
    const reply = await request(service.ids.twilio);
    expect(await reached(reply, 'delivered')).toEqual(['sending', 'sent', 'delivered']);
    expect(received(reply)).toEqual([reply.text]);
  });

  it('goes out once through a gateway that configuration describes, whatever its text', async () => {
    const reply = await request(service.ids.gateway, { text: 'Đã xong "{to}" & \\ {callback}' });
    expect(await reached(reply, 'delivered')).toEqual(['sending', 'sent', 'delivered']);
    expect(service.gateway.messages.filter(({ id }) => id === reply.id)).toEqual([
      { id: reply.id, to: reply.to.value, text: reply.text },
    ]);
  });

  it('waits as long as the provider says, and is then sent', async () => {
    service.twilio.failNext(TwilioSimulator.error(429, 20429, { 'retry-after': '1' }));
    const reply = await request(service.ids.twilio);
    const states = await reached(reply, 'delivered');
    expect(states).toEqual(['sending', 'requested too_many_requests', 'sending', 'sent', 'delivered']);
    expect(received(reply)).toEqual([reply.text]);
  });

  it('is uncertain, and not sent again, when the provider hangs up over it', async () => {
    service.twilio.failNext('hang_up');
    const reply = await request(service.ids.twilio);
    expect(await reached(reply, 'uncertain')).toEqual(['sending', 'uncertain no_answer']);
    expect(received(reply)).toEqual([]);
  });

  it('is sent once when Twilio takes it and never answers: the list of its messages settles it, for each reply by itself', async () => {
    const to = { kind: 'phone' as const, value: aNumber() };
    const text = 'Đã xử lý xong ạ.';
    service.twilio.losesReports = true;
    for (let times = 0; times < 2; times += 1) {
      service.twilio.failNext('take_and_hang_up');
      const reply = await request(service.ids.twilio, { to, text });
      expect(await reached(reply, 'sent')).toEqual(['sending', 'uncertain no_answer', 'sent']);
    }
    service.twilio.failNext('hang_up');
    const lost = await request(service.ids.twilio, { to, text });
    expect(await reached(lost, 'uncertain')).toEqual(['sending', 'uncertain no_answer']);
    expect(received(lost)).toEqual([text, text]);
    service.twilio.losesReports = false;
  });

  it('waits with all others of its account while the provider wants to hear nothing of it', async () => {
    service.twilio.failNext(TwilioSimulator.error(429, 20429, { 'retry-after': '2' }));
    const first = await request(service.ids.twilio);
    await reached(first, 'requested');
    const second = await request(service.ids.twilio);
    await Promise.all([reached(first, 'delivered'), reached(second, 'delivered')]);
    const timeOf = async ({ id }: ReplyRequested, wanted: string, attempt: number) => {
      const belongs = ({ replyId, state, attempt: times }: ReplyDelivery) =>
        replyId === id && state === wanted && times === attempt;
      const [delivery] = await service.records(topics.replyDelivery, contracts.replyDelivery, belongs);
      return Date.parse(delivery?.at ?? '');
    };
    const asked = await timeOf(first, 'requested', 1);
    expect((await timeOf(first, 'sending', 2)) - asked).toBeGreaterThan(1_900);
    expect((await timeOf(second, 'sending', 1)) - asked).toBeGreaterThan(1_900);
    expect([received(first), received(second)]).toEqual([[first.text], [second.text]]);
  });

  it.each([
    ['Twilio knows that the customer said STOP', 21610, 'failed recipient_opted_out'],
    ['the number cannot be', 21211, 'failed recipient_rejected'],
  ])('fails for good when %s', async (_, code, state) => {
    service.twilio.failNext(TwilioSimulator.error(400, code));
    expect(await reached(await request(service.ids.twilio), 'failed')).toEqual(['sending', state]);
  });

  it('is refused beyond the segments of the account, with the limit named', async () => {
    const reply = await request(service.ids.twilio, { text: 'ệ'.repeat(3 * 67 + 1) });
    await reached(reply, 'failed');
    const [delivery] = await service.records(
      topics.replyDelivery,
      contracts.replyDelivery,
      ({ replyId, state }) => replyId === reply.id && state === 'failed',
    );
    expect(delivery?.error).toEqual({
      code: 'message_too_large',
      detail: '4 segments of UCS-2, the limit of the account is 3',
      permanent: true,
    });
    expect(received(reply)).toEqual([]);
  });

  it('is not sent after STOP, and is again after START; a STOP that is delivered late again changes nothing', async () => {
    const value = aNumber();
    const to = { kind: 'phone' as const, value };
    const url = `${service.url}/webhooks/twilio/${service.ids.twilio}/sms`;
    const stop = service.twilio.incoming({ From: value, To: '+842363888999', Body: 'Từ chối.' });
    expect((await service.twilio.post(url, stop)).status).toBe(200);
    const states = await reached(await request(service.ids.twilio, { to }), 'failed');
    expect(states).toEqual(['sending', 'failed recipient_opted_out']);
    await service.twilio.post(url, service.twilio.incoming({ From: value, To: '+842363888999', Body: 'START' }));
    await service.twilio.post(url, stop);
    const reply = await request(service.ids.twilio, { to });
    expect(await reached(reply, 'delivered')).toEqual(['sending', 'sent', 'delivered']);
    expect(received(reply)).toEqual([reply.text]);
  });
});
