import { createHash } from 'node:crypto';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { contracts, intakeReplayMessage, topics, uuidV5 } from '#contracts';
import { Publisher } from '#kafka';
import { createLogger } from '#observability';
import { testBrokers, testImapUrl, uniqueName, waitFor } from '#testing';
import { Customer, withImap } from './customer.js';
import { type EmailService, emailService, type Replica } from './email-service.js';

const patience = { timeoutMs: 90_000, everyMs: 200 };

interface Report {
  folder: string;
  state: string;
  lastError?: string;
  lastUid?: number;
}

const inboxOf = async (replica: Replica) =>
  (await replica.get<{ items: Report[] }>('/api/v1/mailboxes')).items.find(({ folder }) => folder === 'inbox');
const inState = (replica: Replica, state: string) =>
  waitFor(
    async () => {
      const inbox = await inboxOf(replica);
      return inbox?.state === state ? inbox : undefined;
    },
    { ...patience, describe: () => `${state}: ${replica.output().slice(-2_000)}` },
  );
const eventsOf = (service: EmailService) =>
  service.records(topics.feedbackReceived, contracts.feedbackReceived, ({ account }) => account === service.account);
const eventsWith = (service: EmailService, count: number) =>
  waitFor(async () => {
    const found = await eventsOf(service);
    return found.length >= count ? found : undefined;
  }, patience);

/** A way to the mail server that can be cut, or go silent without ending. */
async function startLine() {
  const target = new URL(testImapUrl());
  const open = new Set<Socket>();
  let silent = false;
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(from);
      from.on('data', (chunk) => !silent && to.write(chunk));
      from.on('close', () => to.destroy());
      from.on('error', () => to.destroy());
    }
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    address: { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    cut: () => {
      for (const socket of open) socket.destroy();
      open.clear();
    },
    silence: (on: boolean) => void (silent = on),
    close: () => {
      for (const socket of open) socket.destroy();
      server.close();
    },
  };
}

describe('a mailbox', () => {
  let running: EmailService | undefined;
  const service = async (...given: Parameters<typeof emailService>) => (running = await emailService(...given));
  afterEach(() => running?.close());

  it('whose UIDs are given anew is read again from its last day, as the same events, marked as backfill', async () => {
    const raw = (n: number) =>
      `From: lan@school.example.vn\r\nTo: s@care.example.vn\r\nSubject: ${n}\r\nMessage-ID: <${n}@x.vn>\r\n\r\nMang mat ${n}\r\n`;
    const fill = (address: string) =>
      withImap(address, async (client) => {
        await client.mailboxCreate('Work');
        for (const n of [1, 2, 3]) await client.append('Work', raw(n));
      });
    const one = await service({ options: { inbox: 'Work', readSent: false } });
    const replica = await one.start();
    await inState(replica, 'no_folder');
    await fill(one.address);
    const first = await eventsWith(one, 3);
    expect(first.map(({ provider }) => provider.receivedVia)).toEqual(['poll', 'poll', 'poll']);
    await withImap(one.address, (client) => client.mailboxDelete('Work'));
    await replica.stop('SIGKILL');
    await fill(one.address);
    await one.start({ INSTANCE: 'test-0' });
    const all = await eventsWith(one, 6);
    expect(all.filter(({ provider }) => provider.receivedVia === 'backfill')).toHaveLength(3);
    expect(new Set(all.map(({ id }) => id)).size).toBe(3);
  });

  it('whose first mail came while the service was starting loses none', async () => {
    const line = await startLine();
    const one = await service({ imap: line.address, options: { readSent: false } });
    line.silence(true);
    const replica = await one.start();
    const lan = new Customer(`${uniqueName('lan')}@school.example.vn`);
    await lan.send({ to: one.address, subject: 'early', text: 'mot' });
    expect((await inboxOf(replica))?.lastUid).toBeUndefined();
    line.silence(false);
    line.cut();
    expect((await eventsWith(one, 1)).map(({ subject }) => subject)).toEqual(['early']);
    line.close();
  });

  it('behind a line that is cut, or goes silent, is read on when the line is back', async () => {
    const line = await startLine();
    const one = await service({ imap: line.address, options: { readSent: false } });
    const replica = await one.start();
    const lan = new Customer(`${uniqueName('lan')}@school.example.vn`);
    await inState(replica, 'watching');
    line.cut();
    await lan.send({ to: one.address, subject: 'cut', text: 'mot' });
    await eventsWith(one, 1);
    line.silence(true);
    await lan.send({ to: one.address, subject: 'silent', text: 'hai' });
    await inState(replica, 'backing_off');
    line.silence(false);
    expect((await eventsWith(one, 2)).map(({ subject }) => subject).sort()).toEqual(['cut', 'silent']);
    line.close();
  });

  it('whose password is refused says so', async () => {
    const server = createServer((socket) => {
      socket.write('* OK [CAPABILITY IMAP4rev1] ready\r\n');
      socket.on('error', () => socket.destroy());
      socket.on('data', (chunk) => {
        for (const line of chunk.toString().split('\r\n').filter(Boolean)) {
          const [tag, command] = line.split(' ');
          const refused = command === 'LOGIN' || command === 'AUTHENTICATE';
          socket.write(
            refused ? `${tag} NO [AUTHENTICATIONFAILED] no\r\n` : `* CAPABILITY IMAP4rev1\r\n${tag} OK done\r\n`,
          );
        }
      });
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    const one = await service({ imap: { host: '127.0.0.1', port }, options: { readSent: false } });
    const inbox = await inState(await one.start(), 'sign_in_refused');
    expect(inbox.lastError).toBe('the server refuses what we sign in with');
    server.close();
  });

  it('is taken over by the other replica when the one that reads it dies', async () => {
    const one = await service({ options: { readSent: false } });
    const lan = new Customer(`${uniqueName('lan')}@school.example.vn`);
    const reader = await one.start();
    await inState(reader, 'watching');
    await one.start();
    await lan.send({ to: one.address, subject: 'before', text: 'mot' });
    await eventsWith(one, 1);
    await reader.stop('SIGKILL');
    await lan.send({ to: one.address, subject: 'after', text: 'hai' });
    expect((await eventsWith(one, 2)).map(({ subject }) => subject).sort()).toEqual(['after', 'before']);
  });

  it('gets mail that an operator replays as if it had just come', async () => {
    const one = await service({ options: { readSent: false } });
    await one.start();
    const publisher = new Publisher({
      brokers: testBrokers(),
      clientId: 'test',
      logger: createLogger('test', 'silent'),
    });
    await publisher.start();
    const bytes = Buffer.from(
      'From: lan@school.example.vn\r\nSubject: lai\r\nMessage-ID: <again@x.vn>\r\n\r\nXin chao\r\n',
    );
    await publisher.publish([
      intakeReplayMessage({
        id: uuidV5('test', one.account),
        app: 'email-intake',
        channel: 'email',
        account: one.account,
        context: { folder: 'inbox', internalDate: '2026-11-20T01:02:03.000Z' },
        headers: {},
        body: {
          sha256: createHash('sha256').update(bytes).digest('hex'),
          bytes: bytes.length,
          base64: bytes.toString('base64'),
        },
        at: new Date().toISOString(),
      }),
    ]);
    const [event] = await eventsWith(one, 1);
    expect([event?.provider.receivedVia, event?.occurredAt, event?.text]).toEqual([
      'replay',
      '2026-11-20T01:02:03.000Z',
      'Xin chao',
    ]);
    await publisher.close();
  });
});
