import { randomUUID } from 'node:crypto';
import { contracts, decode, type FeedbackReceived, topicDefinitions, topics } from '#contracts';
import { Health } from '#observability';
import { ensureTopics, type LogRecord, readTopic } from '#kafka';
import { aFeedback, testBrokers, waitFor } from '#testing';
import { type IntakeUnderTest, silent, startIntake } from './intake-under-test.js';

const kafka = { brokers: testBrokers(), clientId: 'test', logger: silent };
const original = { bytes: Buffer.from('{"message":"x"}'), contentType: 'application/json' };

describe('an intake while the broker or the database is away', () => {
  let subject: IntakeUnderTest;
  const began = Date.now() - 1_000;
  beforeAll(async () => {
    await ensureTopics(kafka, topicDefinitions(['web-form-intake']), { replication: 1 });
  });
  beforeEach(async () => {
    subject = await startIntake();
  }, 60_000);
  afterEach(() => subject.close());

  /** Events of one conversation, so that they share a partition and their order can be seen. */
  function events(count: number): FeedbackReceived[] {
    const conversationKey = randomUUID();
    return Array.from({ length: count }, (_, index) =>
      aFeedback({ id: randomUUID(), conversationKey, receivedAt: new Date(began + index).toISOString() }),
    );
  }

  async function onLog(topic: string, ids: readonly string[]): Promise<LogRecord[]> {
    const found: LogRecord[] = [];
    const onRecord = (record: LogRecord) => void (ids.includes(record.headers.ce_id ?? '') && found.push(record));
    await readTopic(kafka, { topic, from: began - 60_000, onRecord });
    return found;
  }

  const firstOf = (records: readonly LogRecord[]) => [...new Set(records.map((record) => record.headers.ce_id))];

  it('keeps pairs and dead letters in the spool, and publishes them in order when the broker is back', async () => {
    const pairs = events(20);
    const ids = pairs.map((event) => event.id);
    const stored = [];
    for (const event of pairs) stored.push(await subject.intake.pipeline.accept({ event, original }));
    expect(stored).toEqual(ids.map((eventId) => ({ kind: 'accepted', eventId, stored: 'spool' })));
    const bytes = Buffer.from(randomUUID());
    const letter = await subject.intake.pipeline.quarantine({
      channel: 'web_form',
      account: 'feedback',
      bytes,
      reason: 'unparseable',
      step: 'parse',
    });
    if (letter.kind !== 'quarantined') throw new Error(letter.kind);
    expect(letter.stored).toBe('spool');
    expect(await subject.spooled()).toBe(41);

    await subject.brokerDoor.open();
    await waitFor(async () => (await subject.spooled()) === 0, { timeoutMs: 20_000 });
    // A probe repeats what lies in front in the spool, so the log may hold an event twice; each one's first place counts.
    const received = await onLog(topics.feedbackReceived, ids);
    expect(firstOf(received)).toEqual(ids);
    expect(received.map((record) => [record.headers.ce_id, record.timestamp])).toEqual(
      received.map((record) => [
        record.headers.ce_id,
        Date.parse(pairs.find(({ id }) => id === record.key)?.receivedAt ?? ''),
      ]),
    );
    const originals = await onLog(topics.feedbackRaw, ids);
    expect(new Set(originals.map((record) => record.key))).toEqual(new Set(ids));
    expect(new Set(originals.map((record) => record.bytes?.toString()))).toEqual(new Set([original.bytes.toString()]));
    const [dead] = await onLog(topics.dead('web-form-intake'), [letter.deadLetterId]);
    const decoded = decode(contracts.deadLetter, { headers: dead?.headers ?? {}, value: dead?.bytes ?? null });
    expect(decoded).toMatchObject({ ok: true, data: { body: { base64: bytes.toString('base64') } } });
  }, 60_000);

  it('sends new pairs straight to the broker once it is back, whatever still lies in the spool', async () => {
    const [before, after] = [events(4), events(1)];
    for (const event of before) await subject.intake.pipeline.accept({ event, original });
    await subject.brokerDoor.open();
    await waitFor(
      async () => {
        const outcomes = await Promise.all(after.map((event) => subject.intake.pipeline.accept({ event, original })));
        return outcomes.every((outcome) => outcome.kind === 'accepted' && outcome.stored === 'log');
      },
      { timeoutMs: 20_000 },
    );
  }, 60_000);

  it('acknowledges nothing while both are away, and recovers when either is back', async () => {
    await subject.databaseDoor.shut();
    const [event] = events(1);
    if (event === undefined) throw new Error('no event');
    expect((await subject.intake.pipeline.accept({ event, original })).kind).toBe('busy');
    await subject.databaseDoor.open();
    const spooled = await waitFor(async () => {
      const outcome = await subject.intake.pipeline.accept({ event, original });
      return outcome.kind === 'accepted' ? outcome : undefined;
    });
    expect(spooled.stored).toBe('spool');
    await subject.databaseDoor.shut();
    await subject.brokerDoor.open();
    const logged = await waitFor(
      async () => {
        const outcome = await subject.intake.pipeline.accept({ event, original });
        return outcome.kind === 'accepted' && outcome.stored === 'log';
      },
      { timeoutMs: 20_000 },
    );
    expect(logged).toBe(true);
  }, 60_000);

  it('is ready while one of them answers', async () => {
    const health = new Health();
    subject.intake.watchHealth(health);
    const ready = async () => (await health.readiness()).ok;
    await waitFor(ready);
    await subject.databaseDoor.shut();
    await waitFor(async () => !(await ready()));
    await subject.brokerDoor.open();
    await waitFor(ready, { timeoutMs: 20_000 });
  }, 60_000);
});
