import { contracts, decode, feedbackReceivedMessage, type FeedbackReceived, type LedgerRecord } from '#contracts';
import { setFailpoints } from '#env';
import { createLogger } from '#observability';
import { aFeedback } from '#testing';
import type { BatchContext, LogRecord } from '../batch-handler.js';
import { BatchRunner, LeaveBatch } from '../batch-runner.js';
import type { DeadLetters } from '../dead-letters.js';
import { deadLetter, drop, ok, type Outcome } from '../outcome.js';
import { LedgerWriter } from './ledger-writer.js';

const receivedAt = '2026-11-20T01:02:03.000Z';
const logger = createLogger('test', 'silent');

function recordOf(event: FeedbackReceived, offset: number): LogRecord {
  const { topic, key, headers, value, timestamp = 0 } = feedbackReceivedMessage(event);
  return { topic, partition: 0, offset: String(offset), timestamp, key, headers, bytes: value };
}

const records = Array.from({ length: 6 }, (_, index) =>
  recordOf(aFeedback({ channel: 'zalo', account: 'oa', receivedAt, occurredAt: receivedAt }), index),
);
const poison: LogRecord = { ...(records[0] as LogRecord), bytes: Buffer.from('{') };
const tenure = { heartbeat: async () => undefined, rebalancing: false, isRunning: true };

/** A consumer over a handler that answers with these outcomes, and what it wrote to the ledger. */
function world(outcomes: (count: number) => readonly Outcome[], classify = () => 'unknown' as const) {
  const written: LedgerRecord[] = [];
  const publish = async (messages: readonly { value: Buffer | null }[]) => {
    written.push(...messages.map(({ value }) => JSON.parse(String(value)) as LedgerRecord));
  };
  const ledger = new LedgerWriter({ app: 'ticketing', instance: 'one', publisher: { publish }, logger });
  const runner = new BatchRunner({
    topic: 'feedback.received.v1',
    decode: (record) => decode(contracts.feedbackReceived, record),
    handle: (batch: readonly unknown[], context: BatchContext) => context.settle(outcomes(batch.length)),
    deadLetters: { write: async () => undefined } as unknown as DeadLetters,
    classify,
    logger,
    turn: () => undefined,
    ledger,
  });
  return { runner, counts: () => written.flatMap(({ counts }) => counts) };
}

const here = { source: 'zalo:oa', minute: '2026-11-20T01:02:00.000Z' };

describe('a consumer in the ledger', () => {
  it('counts what it read against what became of it, before the offset is committed', async () => {
    const outcomes = [ok, ok, drop('duplicate'), drop('unknown_kind'), deadLetter('gap', 'decide'), ok];
    const { runner, counts } = world(() => outcomes);
    await runner.run([...records, poison], tenure);
    expect(counts()).toEqual([{ ...here, read: 7, stored: 3, duplicate: 1, dropped: 1, quarantined: 2 }]);
  });

  it('does not balance when a record is lost between reading and handling', async () => {
    const { runner, counts } = world((count) => Array<Outcome>(count).fill(ok));
    setFailpoints('drop_read:3');
    try {
      await runner.run(records, tenure);
    } finally {
      setFailpoints(undefined);
    }
    expect(counts()).toEqual([{ ...here, read: 6, stored: 5 }]);
  });

  it('counts nothing of a batch that is given back: it is read again', async () => {
    const { runner, counts } = world(() => [{ kind: 'retry', reason: 'database_busy' }]);
    const leaving = { ...tenure, rebalancing: true };
    await expect(runner.run(records.slice(0, 1), leaving)).rejects.toThrow(LeaveBatch);
    expect(counts()).toEqual([]);
  });

  it('counts what nobody of ours wrote under no source', async () => {
    const { runner, counts } = world((count) => Array<Outcome>(count).fill(ok));
    await runner.run([{ ...poison, headers: {} }], tenure);
    expect(counts()).toEqual([{ ...here, source: 'unknown', read: 1, quarantined: 1 }]);
  });
});
