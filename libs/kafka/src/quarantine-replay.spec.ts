import { contracts, type DeadLetter, decode } from '#contracts';
import { BytesMissing, bytesOf, replayMessage, resolutionOf } from './quarantine-replay.js';

const now = new Date('2026-11-22T10:00:00.000Z');
const nothing = () => Promise.resolve(undefined);
const bytes = Buffer.from('{"broken":');
const body = { sha256: 'a'.repeat(64), bytes: bytes.length, base64: bytes.toString('base64') };

const fromLog: DeadLetter = {
  id: '7b0a3f0e-7a0c-5c5e-9f55-0123456789ab',
  app: 'ticketing',
  reason: 'not_json',
  step: 'decode',
  at: '2026-11-22T09:00:00.000Z',
  source: { kind: 'log', topic: 'feedback.received.v1', partition: 3, offset: '42', timestamp: '1795341600000' },
  key: 'the-key',
  headers: { ce_id: 'the-key', ce_partitionkey: 'conversation', traceparent: 'x' },
  body,
};
const fromIntake: DeadLetter = {
  ...fromLog,
  app: 'email-intake',
  source: {
    kind: 'intake',
    channel: 'email',
    account: 'support',
    context: { internalDate: '2026-11-22T08:00:00.000Z' },
  },
};

describe('replaying a dead letter', () => {
  it("sends a consumer's back to its topic as it was", async () => {
    expect(await replayMessage(fromLog, now, nothing)).toEqual({
      topic: 'feedback.received.v1',
      key: 'the-key',
      partitionKey: 'conversation',
      headers: fromLog.headers,
      value: bytes,
      timestamp: 1795341600000,
    });
  });

  it.each([
    ['the key', { headers: {} }, 'the-key'],
    ['nothing', { headers: {}, key: null }, ''],
  ])('partitions by %s when the record had no partition key', async (_, change, partitionKey) => {
    expect((await replayMessage({ ...fromLog, ...change }, now, nothing)).partitionKey).toBe(partitionKey);
  });

  it('keeps the absence of a value', async () => {
    expect((await replayMessage({ ...fromLog, body: null }, now, nothing)).value).toBeNull();
  });

  it("sends an intake's through that intake, with what its normalize needs", async () => {
    const message = await replayMessage(fromIntake, now, nothing);
    expect(message.topic).toBe('intake.replay.v1.email-intake');
    expect(decode(contracts.intakeReplay, message)).toEqual({
      ok: true,
      id: fromIntake.id,
      data: {
        id: fromIntake.id,
        app: 'email-intake',
        channel: 'email',
        account: 'support',
        context: { internalDate: '2026-11-22T08:00:00.000Z' },
        headers: fromIntake.headers,
        body,
        at: now.toISOString(),
      },
    });
  });

  it('fetches bytes that lie elsewhere, and says when they are gone', async () => {
    const stored = { sha256: body.sha256, bytes: 3, ref: `store:${body.sha256}` };
    const fetched = await bytesOf(stored, (ref) =>
      Promise.resolve(ref === stored.ref ? Buffer.from('abc') : undefined),
    );
    expect(fetched).toEqual(Buffer.from('abc'));
    await expect(replayMessage({ ...fromLog, body: stored }, now, nothing)).rejects.toThrow(BytesMissing);
  });
});

it('a resolution names the letter, the deed and the person', () => {
  const resolved = resolutionOf(fromLog, { resolution: 'discarded', by: 'lan', because: 'a test' }, now);
  expect(resolved).toEqual({
    id: fromLog.id,
    app: 'ticketing',
    resolution: 'discarded',
    reason: 'a test',
    by: 'lan',
    at: now.toISOString(),
  });
});
