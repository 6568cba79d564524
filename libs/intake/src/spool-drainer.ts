import type { WireMessage } from '#contracts';
import { PublishError, type Publisher } from '#kafka';
import { gauge, type Logger } from '#observability';
import { type Database, OutboxRelay } from '#postgres';
import type { BrokerGate } from './broker-gate.js';
import type { IntakePipeline } from './intake-pipeline.js';
import type { Spool } from './spool.js';

/** A batch of the drainer competes with live pairs for the one batch in flight, so it may wait longer than a caller. */
const batchDeadlineMs = 10_000;

const drainingGauge = gauge({
  name: 'phanhoi_intake_spool_draining',
  help: '1 while this replica holds the lease of the spool drainer and has rows to publish',
});

interface DrainerParts {
  readonly database: Database;
  readonly publisher: Pick<Publisher, 'publish'>;
  readonly gate: BrokerGate;
  readonly spool: Spool;
  readonly pipeline: Pick<IntakePipeline, 'quarantine'>;
  readonly logger: Logger;
  /** This replica's name: holder of the lease. */
  readonly instance: string;
}

/** Publishes the spool in its order, beside live traffic: one replica at a time, deleted after the acknowledgement. */
export class SpoolDrainer {
  private readonly relay: OutboxRelay;

  constructor(private readonly parts: DrainerParts) {
    const { database, logger, instance } = parts;
    this.relay = new OutboxRelay({
      database,
      logger,
      table: 'spool',
      lease: { holder: instance, name: 'spool-drainer' },
      publish: (messages) => this.publish(messages),
    });
    parts.spool.onAppended(() => this.relay.wake());
    parts.gate.onReturn(() => this.relay.wake());
  }

  start(): void {
    this.relay.start();
  }

  /** Resolves when the batch in flight is settled and the lease is free. */
  async stop(): Promise<void> {
    await this.relay.stop();
  }

  private async publish(messages: readonly WireMessage[]): Promise<void> {
    if (this.parts.gate.isAway) throw new PublishError('unavailable', 'the broker is away');
    drainingGauge.set(1);
    try {
      await this.parts.publisher.publish(messages, { deadlineMs: batchDeadlineMs });
    } catch (error) {
      if (!(error instanceof PublishError)) throw error;
      if (error.code === 'unavailable') this.parts.gate.failed();
      if (error.code !== 'too_large' && error.code !== 'refused') throw error;
      await this.oneByOne(messages);
    } finally {
      drainingGauge.set(0);
    }
  }

  /** One row that the broker will never take must not hold up those behind it: it becomes a dead letter, with its bytes. */
  private async oneByOne(messages: readonly WireMessage[]): Promise<void> {
    for (const message of messages) {
      try {
        await this.parts.publisher.publish([message], { deadlineMs: batchDeadlineMs });
      } catch (error) {
        if (!(error instanceof PublishError) || (error.code !== 'too_large' && error.code !== 'refused')) throw error;
        const outcome = await this.parts.pipeline.quarantine({
          channel: 'spool',
          account: message.topic,
          bytes: message.value ?? Buffer.alloc(0),
          reason: error.code === 'too_large' ? 'message_too_large' : 'unknown_failure',
          step: 'drain',
          headers: message.headers,
        });
        if (outcome.kind === 'busy') throw error;
      }
    }
  }
}
