import { contracts, type ReplyRequested, replyRequestedMessage, topics } from '#contracts';
import { Publisher } from '#kafka';
import { createLogger } from '#observability';
import { aReplyRequested, testBrokers, uniqueName, waitFor } from '#testing';
import { Customer } from './customer.js';
import { type EmailService, emailService, type Replica } from './email-service.js';
import { imapWithTokens, smtpWithTokens } from './mail-server.js';
import { SignInProvider } from './sign-in-provider.js';

const patience = { timeoutMs: 60_000, everyMs: 200 };

describe('a mailbox that signs in with access tokens', () => {
  let provider: SignInProvider;
  let imap: Awaited<ReturnType<typeof imapWithTokens>>;
  let smtp: Awaited<ReturnType<typeof smtpWithTokens>>;
  let service: EmailService;
  const shown = new Set<string>();
  const publisher = new Publisher({ brokers: testBrokers(), clientId: 'test', logger: createLogger('test', 'silent') });

  const servers = () => ({ imap: imap.address, smtp: smtp.address });
  const judge = async (token: string) => {
    const owner = await provider.ownerOf(token);
    if (owner !== undefined) shown.add(token);
    return owner !== undefined;
  };
  const arrived = (subject: string, replica: Replica) =>
    waitFor(
      async () =>
        (
          await service.records(
            topics.feedbackReceived,
            contracts.feedbackReceived,
            (event) => event.account === service.account && event.subject === subject,
          )
        ).at(0),
      { ...patience, describe: () => `${subject}: ${replica.output().slice(-3_000)}` },
    );
  const lastState = async ({ id }: ReplyRequested) => {
    const found = await service.records(topics.replyDelivery, contracts.replyDelivery, ({ replyId }) => replyId === id);
    return found.at(-1);
  };

  beforeAll(async () => {
    provider = await SignInProvider.start();
    [imap, smtp] = [await imapWithTokens(judge), await smtpWithTokens(judge)];
    await publisher.start();
  });
  afterEach(() => service.close());
  afterAll(async () => {
    await Promise.all([publisher.close(), imap.close(), smtp.close(), provider.close()]);
  });

  it('reads and answers with the token of the provider, exchanged once by two replicas, and with another when that one is revoked', async () => {
    service = await emailService({ ...servers(), credentials: (address) => provider.credentials(address) });
    const [replica] = await Promise.all(['one', 'other'].map((INSTANCE) => service.start({ INSTANCE })));
    if (replica === undefined) throw new Error('no replica');
    const lan = new Customer(`${uniqueName('lan')}@school.example.vn`);
    const first = uniqueName('mot');
    await lan.send({ to: service.address, subject: first, text: 'Mạng chập chờn' });
    await arrived(first, replica);
    const reply = aReplyRequested({ account: service.account, to: { kind: 'email', value: lan.address } });
    await publisher.publish([replyRequestedMessage('email', reply)]);
    await waitFor(async () => (await lastState(reply))?.state === 'sent', patience);
    expect(smtp.taken).toHaveLength(1);
    expect(provider.exchanges).toBe(1);
    expect(shown.size).toBe(1);

    for (const token of shown) await provider.revoke(token);
    imap.hangUp();
    const second = uniqueName('hai');
    await lan.send({ to: service.address, subject: second, text: 'Vẫn chập chờn' });
    await arrived(second, replica);
    expect(provider.exchanges).toBe(2);
    expect(shown.size).toBe(2);
  });

  it('says that somebody must sign in again when the refresh token is not good, and keeps the answer', async () => {
    service = await emailService({
      ...servers(),
      credentials: async (address) => ({
        ...(await provider.credentials(address)),
        refreshToken: 'revoked by its owner',
      }),
    });
    const replica = await service.start();
    const reply = aReplyRequested({ account: service.account, to: { kind: 'email', value: 'lan@school.example.vn' } });
    await publisher.publish([replyRequestedMessage('email', reply)]);
    const delivery = await waitFor(
      async () => {
        const last = await lastState(reply);
        return last?.error === undefined ? undefined : last;
      },
      { ...patience, describe: () => replica.output().slice(-3_000) },
    );
    expect(delivery).toMatchObject({ state: 'requested', error: { code: 'reauthorization_needed', permanent: false } });
    const { items } = await replica.get<{ items: { state: string; lastError: string }[] }>('/api/v1/mailboxes');
    expect(items.map(({ state }) => state)).toContain('sign_in_refused');
    expect(replica.output()).not.toContain('revoked by its owner');
  });
});
