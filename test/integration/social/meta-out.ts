import { randomUUID } from 'node:crypto';
import type { ReplyRequested } from '#contracts';
import type { ChannelAccount } from '#env';
import { type Fault, MetaSimulator, postWebhook, uniqueName, waitFor } from '#testing';
import { Answers, hoursAgo } from './answers.js';
import { ServiceUnderTest } from './service-under-test.js';

const page = '1067280970047460';
const number = '106540352242922';
const app = { appSecret: 'app-secret-of-now', accessToken: 'the-access-token' };
let next = 5_000;
const readOf = (id: string, person: string, watermark: number) => ({
  id,
  time: Date.now(),
  messaging: [{ sender: { id: person }, recipient: { id }, timestamp: Date.now(), read: { watermark } }],
});

describe('an answer by Meta', () => {
  const ids = {
    messenger: uniqueName('messenger'),
    facebook_comment: uniqueName('comments'),
    instagram: uniqueName('instagram'),
    whatsapp: uniqueName('whatsapp'),
  };
  const inPrivate = uniqueName('private');
  const withTemplate = uniqueName('template');
  const throttled = uniqueName('throttled');
  const all = [...Object.values(ids), inPrivate, withTemplate, throttled];
  let meta: MetaSimulator;
  let service: ServiceUnderTest;
  let answers: Answers;
  let url: string;
  beforeAll(async () => {
    meta = await MetaSimulator.start(app);
    const account = (id: string, channel: string, address: string, options = {}): ChannelAccount => ({
      id,
      channel,
      provider: 'meta',
      address,
      credentials: { ...app, verifyToken: 'the-verify-token' },
      options: { api: meta.api, ...options },
    });
    service = await ServiceUnderTest.start([
      account(ids.messenger, 'messenger', page),
      account(ids.facebook_comment, 'facebook_comment', page),
      account(ids.instagram, 'instagram', '17841400000000000'),
      account(ids.whatsapp, 'whatsapp', number),
      account(throttled, 'messenger', '4'),
      account(inPrivate, 'facebook_comment', '2', { comments: 'private' }),
      account(withTemplate, 'whatsapp', '3', { template: { name: 'answer', language: 'vi' } }),
    ]);
    answers = await Answers.of(service);
    url = `${service.url}/webhooks/meta/${ids.messenger}`;
  }, 90_000);
  afterAll(async () => {
    await answers.close();
    await service.close();
    await meta.close();
  });

  const ask = async (channel: keyof typeof ids, overrides: Partial<ReplyRequested> = {}) => {
    const person = channel === 'whatsapp' ? `8490000${++next}` : String(++next);
    const to =
      channel === 'whatsapp'
        ? ({ kind: 'phone', value: `+${person}` } as const)
        : ({ kind: 'handle', value: `${channel}:${person}` } as const);
    const text = `Chào ${person}`;
    const reply = await answers.request({ account: ids[channel], channel, to, text, ...overrides });
    return { reply, person, received: () => meta.answers.filter((answer) => answer.text === reply.text) };
  };
  const below = (comment: string, post: string) => ({
    thread: { references: [], inReplyTo: comment, providerConversationId: post },
  });
  const told = async (...webhooks: ReturnType<MetaSimulator['echo']>[]) =>
    expect(await postWebhook(url, meta.webhook(...webhooks))).toMatchObject({ status: 200 });
  const echoes = async (text: string) => {
    const events = await service.events(all, 0);
    return events.filter((event) => event.kind === 'echo' && event.text === text);
  };

  it('goes out once, and its echo is known for ours', async () => {
    const { reply, received, person } = await ask('messenger');
    expect(await answers.reached(reply, 'sent')).toEqual(['sending', 'sent']);
    const [message] = received();
    expect(received()).toEqual([
      { id: message?.id, from: page, to: person, text: reply.text, metadata: `phanhoi:${reply.id}` },
    ]);
    if (message !== undefined) await told(meta.echoOf(page, message), meta.echo(page, person, 'một đồng nghiệp'));
    const [colleague] = await service.events([ids.messenger], 1);
    expect([colleague?.text, colleague?.kind]).toEqual(['một đồng nghiệp', 'echo']);
    expect(await echoes(reply.text)).toEqual([]);
  });

  it('is told to have come by its id and to be read by a time; twice, late and early', async () => {
    const { reply, received, person } = await ask('messenger');
    await answers.reached(reply, 'sent');
    const mid = received()[0]?.id ?? '';
    const come = meta.delivered(page, person, mid, 'of a colleague');
    await told(come, come);
    await told(meta.read(page, person));
    await told(meta.read(page, person), come);
    expect(await answers.reached(reply, 'read')).toEqual(['sending', 'sent', 'delivered', 'read']);
    const later = await answers.request({ ...reply, id: randomUUID(), text: `${reply.text} (2)` });
    await answers.reached(later, 'sent');
    // Before the later one was sent: a time of then says nothing of it.
    await told({ ...meta.read(page, person), entry: readOf(page, person, Date.now() - 60_000) });
    await told(meta.delivered(page, person));
    expect(await answers.reached(later, 'delivered')).toEqual(['sending', 'sent', 'delivered']);
  });

  it('of which the answer was lost is proven sent by its echo, and by nothing else', async () => {
    meta.failNext('take_and_hang_up', 'take_and_hang_up');
    const lost = await Promise.all([ask('messenger'), ask('messenger')]);
    for (const { reply } of lost) await answers.reached(reply, 'uncertain');
    const [message] = lost[0].received();
    if (message !== undefined) await told(meta.echoOf(page, message));
    expect(await answers.reached(lost[0].reply, 'sent')).toEqual(['sending', 'uncertain no_answer', 'sent']);
    expect((await answers.told(lost[0].reply, 'sent'))?.providerMessageId).toBe(message?.id);
    expect(lost.map(({ received }) => received().length)).toEqual([1, 1]);
    const { reply: unproven } = lost[1];
    expect((await answers.states([unproven])).get(unproven.id)).toEqual(['sending', 'uncertain no_answer']);
  });

  it.each([
    [2, 'agent', undefined],
    [48, 'agent', 'HUMAN_AGENT'],
  ] as const)('%i hours after the customer wrote bears the tag %s %s', async (hours, reason, form) => {
    const { reply, received } = await ask('messenger', { reason, customerWroteAt: hoursAgo(hours) });
    await answers.reached(reply, 'sent');
    expect(received()[0]?.form).toBe(form);
  });

  it.each([
    ['messenger', 200, 'agent'],
    ['messenger', 48, 'auto_acknowledgement'],
    ['instagram', 200, 'agent'],
    ['whatsapp', 25, 'agent'],
  ] as const)('by %s after %i hours (%s) does not leave: window_closed', async (channel, hours, reason) => {
    const { reply, received } = await ask(channel, { reason, customerWroteAt: hoursAgo(hours) });
    const told = await answers.told(reply, 'failed');
    expect([told?.error?.code, told?.error?.permanent, received()]).toEqual(['window_closed', true, []]);
  });

  it.each<[string, string, Fault]>([
    ['to a person who is not there', 'failed recipient_unreachable', MetaSimulator.error(400, 551, 1_545_041)],
    ['in a window that Meta sees closed', 'failed window_closed', MetaSimulator.error(400, 10, 2_018_278)],
    ['to nobody', 'failed recipient_rejected', MetaSimulator.error(400, 100, 2_018_001)],
    ['of which Meta itself does not know', 'uncertain no_answer', MetaSimulator.error(500, 2)],
  ])('%s ends as %s', async (_, state, fault) => {
    meta.failNext(fault);
    const { reply, received } = await ask('messenger');
    const [last = ''] = state.split(' ');
    expect(await answers.reached(reply, last as 'failed')).toEqual(['sending', state]);
    expect(received()).toEqual([]);
  });

  it('waits as long as Meta says', async () => {
    const usage = JSON.stringify({ 4: [{ type: 'messenger', estimated_time_to_regain_access: 7 }] });
    meta.failNext(MetaSimulator.error(403, 613, undefined, { 'x-business-use-case-usage': usage }));
    const { reply } = await ask('messenger', { account: throttled });
    expect(await answers.reached(reply, 'requested')).toEqual(['sending', 'requested too_many_requests']);
    const [row] = await service.database.dataSource.query<{ seconds: number }[]>(
      'select extract(epoch from next_attempt_at - updated_at)::int as seconds from outbound where reply_id = $1',
      [reply.id],
    );
    expect(row?.seconds).toBeGreaterThan(400);
  });

  it('waits for a token that is good', async () => {
    meta.failNext(MetaSimulator.error(401, 190));
    const { reply } = await ask('messenger');
    const states = ['sending', 'requested reauthorization_needed', 'sending', 'sent'];
    expect(await answers.reached(reply, 'sent')).toEqual(states);
  });

  it('to a comment stands below it; our own is known by its id, a colleague becomes an echo for its author', async () => {
    const comment = meta.comment(page, '77', 'Mạng chậm quá');
    const change = (comment.entry['changes'] as { value: Record<string, string> }[])[0]?.value ?? {};
    const { comment_id: commentId = '', post_id: post = '' } = change;
    const { reply, received } = await ask('facebook_comment', below(commentId, post));
    expect(await answers.reached(reply, 'sent')).toEqual(['sending', 'sent']);
    const [ours] = received();
    expect(ours).toMatchObject({ from: commentId, text: reply.text });
    const under = (id: string, message: string) =>
      meta.comment(page, page, message, { post_id: post, parent_id: commentId, comment_id: id });
    await told(comment, under(ours?.id ?? '', reply.text), under('9_10', 'Chào anh, bên em xem ngay'));
    const [theirs] = await waitFor(async () => {
      const found = await echoes('Chào anh, bên em xem ngay');
      return found.length > 0 ? found : undefined;
    });
    expect(theirs).toMatchObject({
      account: ids.facebook_comment,
      recipients: [{ kind: 'handle', value: 'facebook_comment:77' }],
      thread: { inReplyTo: commentId },
    });
    const question = (await service.events([ids.facebook_comment], 1)).find(({ kind }) => kind === 'comment');
    expect(theirs?.conversationKey).toBe(question?.conversationKey);
    expect(await echoes(reply.text)).toEqual([]);
  });

  it('to a comment goes to its author alone where the account says so', async () => {
    const { reply, received } = await ask('facebook_comment', { account: inPrivate, ...below('2_20', '2_10') });
    await answers.reached(reply, 'sent');
    expect(received()).toMatchObject([{ from: '2', to: '2_20', metadata: `phanhoi:${reply.id}` }]);
  });

  it('by Instagram goes to the person, or below his comment', async () => {
    const direct = await ask('instagram');
    const comment = await ask('instagram', below('17865799348089039', '123123123'));
    for (const { reply } of [direct, comment]) await answers.reached(reply, 'sent');
    expect(direct.received()).toMatchObject([{ from: '17841400000000000', to: direct.person }]);
    expect(comment.received()).toMatchObject([{ from: '17865799348089039' }]);
  });

  it('by WhatsApp moves by its statuses, twice and out of order', async () => {
    const { reply, received, person } = await ask('whatsapp');
    await answers.reached(reply, 'sent');
    const [message] = received();
    expect(message).toMatchObject({ from: number, to: person, metadata: reply.id });
    if (message === undefined) return;
    const status = (state: string) => meta.whatsAppStatus(number, message, state);
    await told(status('delivered'), status('delivered'));
    await told(status('read'));
    await told(status('sent'), status('delivered'));
    expect(await answers.reached(reply, 'read')).toEqual(['sending', 'sent', 'delivered', 'read']);
  });

  it('by WhatsApp may fail after it was taken, and be proven by a status when our call was told nothing', async () => {
    const { reply, received } = await ask('whatsapp');
    await answers.reached(reply, 'sent');
    const [message] = received();
    if (message !== undefined) await told(meta.whatsAppStatus(number, message, 'failed', 131_047));
    expect(await answers.reached(reply, 'failed')).toEqual(['sending', 'sent', 'failed window_closed']);

    meta.failNext('take_and_hang_up');
    const lost = await ask('whatsapp');
    await answers.reached(lost.reply, 'uncertain');
    const [taken] = lost.received();
    if (taken !== undefined) await told(meta.whatsAppStatus(number, taken, 'delivered'));
    expect(await answers.reached(lost.reply, 'delivered')).toEqual([
      'sending',
      'uncertain no_answer',
      'sent',
      'delivered',
    ]);
  });

  it('by WhatsApp after the window is a template with the text in one line', async () => {
    const text = `Dòng một ${uniqueName('x')}\n\n\tdòng hai`;
    const { reply } = await ask('whatsapp', { account: withTemplate, text, customerWroteAt: hoursAgo(25) });
    await answers.reached(reply, 'sent');
    const line = text.replace(/\s+/g, ' ');
    expect(meta.answers.filter((answer) => answer.text === line)).toMatchObject([{ from: '3', form: 'answer' }]);
  });

  it('under way makes an echo that it cannot be told from wait, and then it is a colleague', async () => {
    meta.failNext('hang_up');
    const { reply, person } = await ask('messenger');
    await answers.reached(reply, 'uncertain');
    const text = `của đồng nghiệp ${person}`;
    await told(meta.echo(page, person, text));
    expect(await echoes(text)).toEqual([]);
    const waiting = await service.database.dataSource.query<object[]>('select 1 from unmatched_echo');
    expect(waiting).toHaveLength(1);
    await service.database.dataSource.query('update unmatched_echo set judge_at = clock_timestamp()');
    await waitFor(async () => ((await echoes(text)).length === 1 ? true : undefined), { timeoutMs: 20_000 });
    expect((await answers.states([reply])).get(reply.id)).toEqual(['sending', 'uncertain no_answer']);
    await waitFor(async () => {
      const left = await service.database.dataSource.query<object[]>('select 1 from unmatched_echo');
      return left.length === 0 ? true : undefined;
    });
  });
});
