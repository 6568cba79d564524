import { contracts, type FeedbackReceived, type Role, topics } from '#contracts';
import { uniqueName, waitFor } from '#testing';
import { Customer, withImap } from './customer.js';
import { type EmailService, emailService } from './email-service.js';

interface Reports {
  items: { account: string; folder: string; state: string; lastUid?: number; lag?: number }[];
}

describe('a mail', () => {
  let service: EmailService;
  const customer = new Customer(`${uniqueName('lan')}@school.example.vn`);

  const events = () =>
    service.records(topics.feedbackReceived, contracts.feedbackReceived, (event) => event.account === service.account);
  const arrived = (count: number): Promise<FeedbackReceived[]> =>
    waitFor(
      async () => {
        const found = await events();
        return found.length >= count ? found : undefined;
      },
      { timeoutMs: 40_000, describe: `${count} events` },
    );

  beforeAll(async () => {
    service = await emailService();
  });
  afterAll(() => service.close());

  it('that arrives lies on the log, event and original, and was not marked as seen', async () => {
    await withImap(service.address, async (client) => {
      await client.append('INBOX', 'Subject: cu\r\n\r\nThu cu\r\n', [], new Date(Date.now() - 3_600_000));
    });
    const replica = await service.start();
    await waitFor(
      async () =>
        (await replica.get<Reports>('/api/v1/mailboxes')).items.some(
          ({ folder, state }) => folder === 'inbox' && state === 'watching',
        ),
      {
        timeoutMs: 40_000,
        describe: () => replica.output(),
      },
    );
    await customer.send({
      to: service.address,
      subject: 'Mất mạng',
      text: 'Mạng trường tôi bị mất từ sáng nay.',
      attachments: [{ filename: 'ảnh.txt', content: 'x' }],
    });
    const [event] = await arrived(1);
    expect(event).toMatchObject({
      channel: 'email',
      kind: 'message',
      author: { identity: { kind: 'email', value: customer.address }, verified: false },
      subject: 'Mất mạng',
      text: 'Mạng trường tôi bị mất từ sáng nay.',
      language: 'vi',
      attachments: [{ name: 'ảnh.txt', bytes: 1 }],
      provider: { receivedVia: 'poll' },
    });
    const original = await service.rawRecord(topics.feedbackRaw, event?.id ?? '');
    expect(original?.bytes?.toString()).toContain('Message-ID');
    expect(original?.headers['content-type']).toBe('message/rfc822');
    const seen = await withImap(service.address, async (client) => {
      await client.mailboxOpen('INBOX', { readOnly: true });
      return await client.search({ seen: true });
    });
    expect(seen).toEqual([]);
    await waitFor(
      async () =>
        (await replica.get<Reports>('/api/v1/mailboxes')).items.find(({ folder }) => folder === 'inbox')?.lag === 0,
    );
    await replica.stop();
  });

  it('shows the state of its mailbox to supervisors and admins, and to nobody else', async () => {
    const replica = await service.start();
    const ask = async (headers: Record<string, string>) =>
      (await fetch(`${replica.url}/api/v1/mailboxes`, { headers })).status;
    const as = async (role: Role) => ask({ authorization: `Bearer ${await service.token(role)}` });
    expect(await Promise.all([as('admin'), as('supervisor'), as('agent'), as('analyst'), ask({})])).toEqual([
      200, 200, 403, 403, 401,
    ]);
    await replica.stop();
  });

  it('is read again after a crash between acknowledgement and cursor, as the same event', async () => {
    const before = (await events()).length;
    await customer.send({ to: service.address, subject: 'Hai', text: 'Mạng chậm.' });
    const doomed = await service.start({ FAILPOINT: 'mail_published', INSTANCE: 'test-0' });
    expect(await doomed.ended).toBe('SIGKILL');
    const replica = await service.start({ INSTANCE: 'test-0' });
    const all = await arrived(before + 2);
    const ids = all.filter(({ subject }) => subject === 'Hai').map(({ id }) => id);
    expect([ids.length, new Set(ids).size]).toEqual([2, 1]);
    await replica.stop();
  });

  it('that cannot be taken lies in quarantine with its bytes, and its sender is told once', async () => {
    const replica = await service.start({ MAIL_MAX_BYTES: '100000' });
    const letters = () =>
      service.records(
        topics.dead('email-intake'),
        contracts.deadLetter,
        ({ source }) => source.kind === 'intake' && source.account === service.account,
      );
    for (const subject of ['Lớn một', 'Lớn hai'])
      await customer.send({ to: service.address, subject, text: 'x'.repeat(150_000) });
    const kept = await waitFor(
      async () => {
        const found = await letters();
        return found.length >= 2 ? found : undefined;
      },
      { timeoutMs: 40_000 },
    );
    expect(kept.map(({ reason, step }) => [reason, step])).toEqual([
      ['message_too_large', 'measure'],
      ['message_too_large', 'measure'],
    ]);
    expect(kept[0]?.body?.ref).toMatch(/^store:/);
    const [notice, ...more] = await customer.receive(1);
    expect(more).toEqual([]);
    expect(notice).toContain('Auto-Submitted: auto-replied');
    await replica.stop();
  });

  it('that our side sent from another program is an echo', async () => {
    await withImap(service.address, async (client) => {
      await client.mailboxCreate('Sent');
    });
    const replica = await service.start();
    await waitFor(
      async () =>
        (await replica.get<Reports>('/api/v1/mailboxes')).items.some(
          ({ folder, state }) => folder === 'sent' && state === 'watching',
        ),
      { timeoutMs: 40_000 },
    );
    const raw = `From: ${service.address}\r\nTo: ${customer.address}\r\nSubject: Re: Hai\r\nMessage-ID: <${uniqueName('echo')}@care.example.vn>\r\n\r\nDa xu ly.\r\n`;
    await withImap(service.address, async (client) => {
      await client.append('Sent', raw, ['\\Seen']);
    });
    const echo = await waitFor(async () => (await events()).find(({ kind }) => kind === 'echo'), { timeoutMs: 40_000 });
    expect([echo.author.identity?.value, echo.recipients, echo.text]).toEqual([
      service.address,
      [{ kind: 'email', value: customer.address }],
      'Da xu ly.',
    ]);
    await replica.stop();
  });
});
