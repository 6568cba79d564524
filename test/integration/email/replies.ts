import { contracts, type ReplyRequested, replyRequestedMessage, topics, verifyReplyMessageId } from '#contracts';
import { Publisher } from '#kafka';
import { createLogger } from '#observability';
import { aReplyRequested, testBrokers, uniqueName, waitFor } from '#testing';
import { Customer, readFolder } from './customer.js';
import { type EmailService, emailService, type Replica, threadSecrets } from './email-service.js';

const patience = { timeoutMs: 60_000, everyMs: 200 };

const header = (mail: string, name: string) =>
  new RegExp(`^${name}: *(.*(?:\\r?\\n[ \\t].*)*)`, 'im').exec(mail)?.[1]?.replace(/\r?\n\s+/g, ' ');

describe('a reply', () => {
  let service: EmailService;
  let replica: Replica;
  const publisher = new Publisher({ brokers: testBrokers(), clientId: 'test', logger: createLogger('test', 'silent') });
  const customers: Customer[] = [];
  const customer = () => {
    const made = new Customer(`${uniqueName('lan')}@school.example.vn`);
    customers.push(made);
    return made;
  };

  const request = async (to: Customer, overrides: Partial<ReplyRequested> = {}) => {
    const reply = aReplyRequested({ account: service.account, to: { kind: 'email', value: to.address }, ...overrides });
    await publisher.publish([replyRequestedMessage('email', reply)]);
    return reply;
  };
  const statesOf = async ({ id }: ReplyRequested) => {
    const deliveries = await service.records(
      topics.replyDelivery,
      contracts.replyDelivery,
      ({ replyId }) => replyId === id,
    );
    // Each once, as its readers count them: a sender that died may have written one twice.
    const once = new Map(deliveries.map((delivery) => [`${delivery.attempt} ${delivery.state}`, delivery]));
    return [...once.values()].map(({ state, error }) => (error === undefined ? state : `${state} ${error.code}`));
  };
  const reached = (reply: ReplyRequested, state: string) =>
    waitFor(
      async () => {
        const states = await statesOf(reply);
        return states.at(-1) === state ? states : undefined;
      },
      { ...patience, describe: () => `${state}: ${replica.output().slice(-3_000)}` },
    );

  beforeAll(async () => {
    await publisher.start();
    service = await emailService({ options: { ownDomains: ['care.example.vn'] } });
    replica = await service.start();
  });
  afterAll(async () => {
    await publisher.close();
    await service.close();
  });

  it('goes out exactly once, threads, lies in Sent, and is no echo; what the customer answers joins its conversation', async () => {
    const lan = customer();
    const reply = await request(lan, {
      thread: { inReplyTo: '<q2@school.example.vn>', references: ['<q1@school.example.vn>'] },
    });
    await publisher.publish([replyRequestedMessage('email', reply)]);
    expect(await reached(reply, 'sent')).toEqual(['sending', 'sent']);
    const [mail = '', ...more] = await lan.receive(1);
    expect(more).toEqual([]);
    const messageId = header(mail, 'Message-ID') ?? '';
    expect(verifyReplyMessageId(messageId, threadSecrets)).toEqual({
      replyId: reply.id,
      conversationKey: reply.conversationKey,
    });
    expect([header(mail, 'In-Reply-To'), header(mail, 'References')]).toEqual([
      '<q2@school.example.vn>',
      '<q1@school.example.vn> <q2@school.example.vn>',
    ]);
    const filed = await waitFor(
      async () => (await readFolder(service.address, 'Sent')).find((copy) => copy.includes(messageId)),
      patience,
    );
    expect(header(filed, 'Subject')).toBe(header(mail, 'Subject'));
    await lan.send({ to: service.address, subject: 'Re: x', text: 'Cam on', inReplyTo: messageId });
    const event = await waitFor(
      async () =>
        (
          await service.records(
            topics.feedbackReceived,
            contracts.feedbackReceived,
            ({ account, kind }) => account === service.account && kind === 'message',
          )
        )[0],
      patience,
    );
    expect(event.conversationKey).toBe(reply.conversationKey);
    const echoes = await service.records(
      topics.feedbackReceived,
      contracts.feedbackReceived,
      ({ account, kind }) => account === service.account && kind === 'echo',
    );
    expect(echoes).toEqual([]);
  });

  it('that comes back later has failed', async () => {
    const lan = customer();
    const reply = await request(lan);
    await reached(reply, 'sent');
    const [mail = ''] = await lan.receive(1);
    const report = [
      'From: MAILER-DAEMON@school.example.vn',
      `To: ${service.address}`,
      'Subject: Undelivered Mail Returned to Sender',
      'Auto-Submitted: auto-replied',
      `Message-ID: <${uniqueName('bounce')}@school.example.vn>`,
      'MIME-Version: 1.0',
      'Content-Type: multipart/report; report-type=delivery-status; boundary=b',
      '',
      '--b',
      'Content-Type: text/plain',
      '',
      'It failed.',
      '--b',
      'Content-Type: message/delivery-status',
      '',
      'Reporting-MTA: dns; mx.school.example.vn',
      '',
      `Final-Recipient: rfc822; ${lan.address}`,
      'Action: failed',
      'Status: 5.1.1',
      '',
      '--b',
      'Content-Type: text/rfc822-headers',
      '',
      `Message-ID: ${header(mail, 'Message-ID')}`,
      '',
      '--b--',
      '',
    ].join('\r\n');
    await lan.sendRaw(service.address, report);
    expect(await reached(reply, 'failed bounced')).toEqual(['sending', 'sent', 'failed bounced']);
  });

  it('to an address that is none has failed for good', async () => {
    const reply = await request(customer(), { account: 'nobody-knows' });
    const states = await waitFor(async () => {
      const found = await statesOf(reply);
      return found.length === 2 ? found : undefined;
    }, patience);
    expect(states).toEqual(['sending', 'failed account_unknown']);
  });

  it('whose sender dies in between is uncertain and not sent again, until the customer answers it', async () => {
    await replica.stop();
    replica = await service.start({ INSTANCE: 'crash', FAILPOINT: 'reply_sent' });
    const lan = customer();
    const reply = await request(lan);
    expect(await replica.ended).toBe('SIGKILL');
    replica = await service.start({ INSTANCE: 'crash' });
    expect(await reached(reply, 'uncertain no_answer')).toEqual(['sending', 'uncertain no_answer']);
    const [mail = '', ...more] = await lan.receive(1);
    expect(more).toEqual([]);
    await lan.send({ to: service.address, subject: 'Re: x', text: 'Da nhan', inReplyTo: header(mail, 'Message-ID') });
    expect(await reached(reply, 'sent')).toEqual(['sending', 'uncertain no_answer', 'sent']);
    expect(await lan.receive(1)).toHaveLength(1);
  });

  it('claimed by a process that dies before sending is uncertain, and no mail goes out', async () => {
    await replica.stop();
    replica = await service.start({ INSTANCE: 'crash', FAILPOINT: 'reply_claimed' });
    const lan = customer();
    const reply = await request(lan);
    expect(await replica.ended).toBe('SIGKILL');
    replica = await service.start({ INSTANCE: 'crash' });
    await reached(reply, 'uncertain no_answer');
    expect(await readFolder(lan.address, 'INBOX')).toEqual([]);
  });

  it('of one conversation leaves in the order in which they were asked', async () => {
    const lan = customer();
    const first = await request(lan, { text: 'mot' });
    const { conversationKey } = first;
    const replies = [first];
    for (const text of ['hai', 'ba', 'bon']) replies.push(await request(lan, { text, conversationKey }));
    await reached(replies.at(-1) ?? first, 'sent');
    const mails = await lan.receive(4);
    expect(mails.map((mail) => mail.trim().split('\n').at(-1))).toEqual(['mot', 'hai', 'ba', 'bon']);
  });
});
