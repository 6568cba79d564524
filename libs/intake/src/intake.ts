import { LedgerWriter, type LedgerWriterOptions, type Publisher } from '#kafka';
import type { Health, Logger } from '#observability';
import type { Database } from '#postgres';
import type { AttachmentStore } from './attachment-store.js';
import { BrokerGate } from './broker-gate.js';
import { callerPatienceMs, DurableLog } from './durable-log.js';
import { IntakePipeline } from './intake-pipeline.js';
import { Spool } from './spool.js';
import { SpoolDrainer } from './spool-drainer.js';

export interface IntakeParts {
  /** The app's name, as in `dead.<app>.v1`. */
  readonly app: string;
  /** This replica's name (`INSTANCE`): holder of the drainer's lease. */
  readonly instance: string;
  /** Started and closed by the app. */
  readonly publisher: Publisher;
  /** Its schema has the tables `spool` and `lease` of libs/postgres. */
  readonly database: Database;
  readonly store: AttachmentStore;
  readonly logger: Logger;
  /** Whom inputs are taken from, for the ledger. */
  readonly sources: NonNullable<LedgerWriterOptions['sources']>;
  /** How long the broker is waited for before the spool takes over; default 1,000. */
  readonly patienceMs?: number;
}

/** The parts of an intake, wired: what an app's composition root makes once. */
export class Intake {
  readonly pipeline: IntakePipeline;
  private readonly ledger: LedgerWriter;
  private readonly gate: BrokerGate;
  private readonly drainer: SpoolDrainer;

  constructor(private readonly parts: IntakeParts) {
    const { app, instance, publisher, database, store, logger, sources, patienceMs = callerPatienceMs } = parts;
    const spool = new Spool(database, logger);
    this.ledger = new LedgerWriter({
      ...{ app, instance, publisher, logger, sources },
      spool: (messages) => spool.append(messages),
    });
    this.gate = new BrokerGate(publisher, spool, logger);
    const log = new DurableLog(publisher, spool, this.gate, patienceMs);
    this.pipeline = new IntakePipeline({ app, store, logger, log, ledger: this.ledger });
    const { gate, pipeline } = this;
    this.drainer = new SpoolDrainer({ database, publisher, gate, spool, pipeline, logger, instance });
  }

  start(): void {
    this.drainer.start();
    this.ledger.start();
  }

  /** Call before the publisher and the database are closed. */
  async stop(): Promise<void> {
    this.gate.close();
    await this.drainer.stop();
  }

  /**
   * The last word of the ledger: call when no request can come any more, before publisher and database are closed. False: neither took it, and
   * the run looks as if it had been killed.
   */
  async finish(): Promise<boolean> {
    return await this.ledger.finish();
  }

  /** Until when everything that ended is in the ledger; undefined while nothing is. */
  get countedUntil(): Date | undefined {
    return this.ledger.countedUntil === 0 ? undefined : new Date(this.ledger.countedUntil);
  }

  /** Whether all that was said by `pipeline.reconciled` is in the ledger, as of now. */
  async hasStatedAll(): Promise<boolean> {
    await this.ledger.write();
    return this.ledger.hasStatedAll;
  }

  /** An intake is ready while broker or database answers: either of them makes feedback durable. */
  watchHealth(health: Health): void {
    health.addCheck('broker', async () => this.parts.publisher.available);
    health.addCheck('database', () => this.parts.database.ping());
    health.readyWhen((checks) => checks.broker === true || checks.database === true);
  }
}
