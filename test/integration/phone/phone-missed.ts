import { contracts, feedbackEventId, type FeedbackReceived, type LedgerRecord, topics } from '#contracts';
import { TwilioSimulator, waitFor } from '#testing';
import { ConsentRepository } from '../../../apps/phone-intake/src/store/consent.repository.js';
import { countRuns, leaveCutOffRun } from '../cut-off-run.js';
import { ourNumber, type PhoneService, phoneService } from './phone-service.js';

/** A replica looks for runs that were cut off three times a minute. */
const timeoutMs = 60_000;

describe('what came by telephone while a run was being killed', () => {
  let service: PhoneService;
  beforeAll(async () => {
    service = await phoneService();
  }, 90_000);
  afterAll(() => service.close());

  const events = (messageIds: readonly string[]) =>
    service.records(
      topics.feedbackReceived,
      contracts.feedbackReceived,
      ({ provider, account }: FeedbackReceived) =>
        messageIds.includes(provider.messageId) && Object.values(service.ids).includes(account),
    );
  const ledger = async () => {
    const ours = [`sms:${service.ids.twilio}`, `phone:${service.ids.voice}`];
    const isOurs = ({ source }: { readonly source: string }) => ours.includes(source);
    const records = await service.records(
      topics.ledger,
      contracts.ledgerRecord,
      ({ intake, reconciled }: LedgerRecord) => intake?.sources?.some(isOurs) === true || reconciled.some(isOurs),
    );
    return {
      sources: records.flatMap(({ intake }) => intake?.sources ?? []).filter(isOurs),
      reconciled: records.flatMap(({ reconciled }) => reconciled).filter(isOurs),
    };
  };

  it('is taken from the lists of messages and calls, once, under the ids that the webhooks would have given', async () => {
    const { twilio, ids } = service;
    twilio.media.set('/media/missed', { bytes: Buffer.from('a picture'), mediaType: 'image/png' });
    const known = twilio.incoming({ From: '+84322345671', To: ourNumber, Body: 'Đã đến' });
    await twilio.post(`${service.url}/webhooks/twilio/${ids.twilio}/sms`, known);
    const missed = twilio.incoming({
      ...{ From: '+84322345672', To: ourNumber, Body: ' Chưa đến 😀 ', NumMedia: '2' },
      ...{ MediaUrl0: '/media/missed', MediaContentType0: 'image/png' },
      ...{ MediaUrl1: '/media/gone', MediaContentType1: 'image/png' },
    });
    const start = twilio.incoming({ From: '+84322345676', To: ourNumber, Body: 'START' });
    const stop = twilio.incoming({ From: '+84322345676', To: ourNumber, Body: 'STOP' });
    await twilio.post(`${service.url}/webhooks/twilio/${ids.twilio}/sms`, stop);
    const call = twilio.call({ From: '+84322345673', To: ourNumber, CallDuration: '65' });
    const unanswered = twilio.call({ From: '+84322345674', To: ourNumber, CallStatus: 'no-answer' });
    const outgoing = twilio.call({ From: ourNumber, To: '+84322345675', Direction: 'outbound-api' });
    const messageIds = [known, missed, start].map(({ MessageSid = '' }) => MessageSid);
    const callIds = [call, unanswered, outgoing].map(({ CallSid = '' }) => CallSid);
    twilio.pageSize = 1;
    twilio.failNext(
      TwilioSimulator.error(429, 20429, { 'retry-after': '1' }),
      TwilioSimulator.error(500, 20500),
      'hang_up',
    );
    await leaveCutOffRun(service.database);
    await waitFor(async () => (await countRuns(service.database)) === 1, { timeoutMs });

    const found = await events([...messageIds, ...callIds]);
    const byId = Map.groupBy(found, ({ provider }) => provider.messageId);
    expect([...messageIds, ...callIds].map((id) => byId.get(id)?.length ?? 0)).toEqual([2, 1, 1, 1, 1, 0]);
    expect(new Set(byId.get(messageIds[0] ?? '')?.map(({ id }) => id)).size).toBe(1);
    const [sms] = byId.get(messageIds[1] ?? '') ?? [];
    expect(sms).toMatchObject({
      id: feedbackEventId({ channel: 'sms', account: ids.twilio, messageId: messageIds[1] ?? '' }),
      provider: { name: 'twilio', receivedVia: 'poll' },
      author: { identity: { kind: 'phone', value: '+84322345672' }, verified: true },
      text: ' Chưa đến 😀 ',
      attachments: [{ name: 'media-1', mediaType: 'image/png', bytes: 9 }],
      signals: { flags: ['media_missing'] },
    });
    expect(Date.parse(sms?.occurredAt ?? '')).toBeLessThanOrEqual(Date.parse(sms?.receivedAt ?? ''));
    expect(sms?.occurredAt.endsWith('.000Z')).toBe(true);
    expect(byId.get(callIds[0] ?? '')?.[0]).toMatchObject({
      id: feedbackEventId({ channel: 'phone', account: ids.voice, messageId: callIds[0] ?? '' }),
      call: { direction: 'inbound', from: '+84322345673', outcome: 'answered', durationSeconds: 65 },
    });
    expect(byId.get(callIds[1] ?? '')?.[0]).toMatchObject({
      call: { outcome: 'missed' },
      signals: { flags: ['missed_call'] },
    });
    // What was said first and came last does not undo what was said last.
    expect(await service.app.get(ConsentRepository).hasStopped('+84322345676')).toBe(true);
    const { sources, reconciled } = await ledger();
    expect(sources).toEqual([
      { source: `sms:${ids.twilio}`, settledBy: 'list' },
      { source: `phone:${ids.voice}`, settledBy: 'list' },
    ]);
    expect(reconciled.map(({ source, fetched }) => [source, fetched])).toEqual(
      expect.arrayContaining([
        [`sms:${ids.twilio}`, 4],
        [`phone:${ids.voice}`, 2],
      ]),
    );
    expect(reconciled).toHaveLength(2);
  }, 120_000);
});
