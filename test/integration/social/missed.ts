import type { ChannelAccount } from '#env';
import { feedbackEventId } from '#contracts';
import { MetaSimulator, postWebhook, TelegramSimulator, uniqueName, waitFor } from '#testing';
import { UpdateRepository } from '../../../apps/social-intake/src/store/update.repository.js';
import { countRuns, leaveCutOffRun } from '../cut-off-run.js';
import { ServiceUnderTest } from './service-under-test.js';

const page = '1067280970047461';
const instagram = '17841400000000001';
const app = { appSecret: 'app-secret-of-now', accessToken: 'the-access-token' };
const bot = { botToken: '1:test', secretToken: 'the-secret-of-now' };
const an = { id: 1111111, firstName: 'An' };
/** A replica looks for runs that were cut off three times a minute. */
const timeoutMs = 60_000;

describe('what networks told while a run was being killed', () => {
  const ids = {
    messenger: uniqueName('messenger'),
    instagram: uniqueName('instagram'),
    telegram: uniqueName('telegram'),
  };
  let meta: MetaSimulator;
  let telegram: TelegramSimulator;
  let service: ServiceUnderTest;
  beforeAll(async () => {
    meta = await MetaSimulator.start(app);
    telegram = await TelegramSimulator.start(bot);
    const ofMeta = (channel: 'messenger' | 'instagram', address: string): ChannelAccount => ({
      ...{ id: ids[channel], channel, provider: 'meta', address },
      credentials: { ...app, verifyToken: 'the-verify-token' },
      options: { api: meta.api },
    });
    service = await ServiceUnderTest.start([
      ofMeta('messenger', page),
      ofMeta('instagram', instagram),
      {
        ...{ id: ids.telegram, channel: 'telegram', provider: 'telegram', credentials: bot },
        options: { api: telegram.api },
      },
    ]);
  }, 90_000);
  afterAll(async () => {
    await service.close();
    await Promise.all([meta.close(), telegram.close()]);
  });
  const messageIds = (...webhooks: readonly { readonly entry: object }[]) =>
    webhooks.map(({ entry }) => {
      const [{ message } = { message: { mid: '' } }] = (entry as { messaging: { message: { mid: string } }[] })
        .messaging;
      return message.mid;
    });

  it('is taken from the conversations, once, under the ids that the webhooks would have given', async () => {
    const known = meta.messenger(page, '501', 'Đã đến');
    const echo = meta.echo(page, '501', 'Đồng nghiệp trả lời');
    const missed = [meta.messenger(page, '501', 'Chưa đến 1'), meta.messenger(page, '502', 'Chưa đến 2')];
    const onInstagram = meta.instagram(instagram, '601', 'Chưa đến 3');
    expect(await postWebhook(`${service.url}/webhooks/meta/${ids.messenger}`, meta.webhook(known))).toMatchObject({
      status: 200,
    });
    await postWebhook(`${service.url}/webhooks/telegram/${ids.telegram}`, telegram.text(an, 'x'));
    meta.conversations.pageSize = 1;
    meta.failNext(MetaSimulator.error(400, 4, undefined, { 'retry-after': '1' }), MetaSimulator.error(500, 2), {
      status: 200,
      body: '<html>',
    });
    telegram.pending = 1;
    await leaveCutOffRun(service.database.database);
    await waitFor(async () => (await service.reconciled(`instagram:${ids.instagram}`)).length > 0, {
      timeoutMs,
      everyMs: 500,
    });
    expect([await countRuns(service.database.database), await service.reconciled(`telegram:${ids.telegram}`)]).toEqual([
      2,
      [],
    ]);
    telegram.pending = 0;
    await waitFor(async () => (await countRuns(service.database.database)) === 1, { timeoutMs });

    const [knownId = '', echoId = '', ...missedIds] = messageIds(known, echo, ...missed, onInstagram);
    const events = await service.events(Object.values(ids), 7);
    const byId = Map.groupBy(events, ({ provider }) => provider.messageId);
    expect([knownId, echoId, ...missedIds].map((id) => byId.get(id)?.length)).toEqual([2, 1, 1, 1, 1]);
    expect(new Set(byId.get(knownId)?.map(({ id }) => id)).size).toBe(1);
    const shown = (messageId: string) => {
      const [event] = byId.get(messageId) ?? [];
      return [event?.id, event?.kind, event?.text, event?.provider.receivedVia];
    };
    const idOf = (channel: 'messenger' | 'instagram', messageId: string) =>
      feedbackEventId({ channel, account: ids[channel], messageId });
    const [first = '', second = '', third = ''] = missedIds;
    expect([first, second, third, echoId].map(shown)).toEqual([
      [idOf('messenger', first), 'message', 'Chưa đến 1', 'poll'],
      [idOf('messenger', second), 'message', 'Chưa đến 2', 'poll'],
      [idOf('instagram', third), 'message', 'Chưa đến 3', 'poll'],
      [idOf('messenger', echoId), 'echo', 'Đồng nghiệp trả lời', 'poll'],
    ]);
    expect(await service.reconciled(`messenger:${ids.messenger}`)).toMatchObject([{ fetched: 4 }]);
    expect(await service.reconciled(`telegram:${ids.telegram}`)).toMatchObject([{ fetched: 0 }]);
    expect(await service.deadLetters(Object.values(ids))).toEqual([]);
  }, 150_000);

  it('counts the numbers of updates that have not come since then', async () => {
    const updates = new UpdateRepository(service.database.database);
    const account = uniqueName('bot');
    await updates.noteUpdates([10, 11, 14, 16].map((updateId) => ({ account, updateId })));
    const ago = (ms: number) => new Date(Date.now() - ms);
    expect([
      await updates.countMissing(account, ago(60_000)),
      await updates.countMissing(account, ago(-60_000)),
    ]).toEqual([3, 0]);
  });
});
