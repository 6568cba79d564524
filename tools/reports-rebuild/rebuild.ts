import { type Contract, contracts, decode, topics } from '#contracts';
import { type KafkaAddress, type LogRecord, type Outcome, readTopic } from '#kafka';
import type { Database, Transaction } from '#postgres';
import { countingInto } from '../../apps/reporting/src/consume/counting.js';
import { type Difference, RebuildRepository } from '../../apps/reporting/src/store/rebuild.repository.js';
import { Tables } from '../../apps/reporting/src/store/tables.js';

export interface RebuildOptions {
  readonly log: KafkaAddress;
  readonly database: Database;
  /** Zones that get day cells. */
  readonly zones: readonly string[];
  /** Leave the live tables as they are, whatever the comparison says. */
  readonly compareOnly?: boolean;
  readonly say?: (line: string) => void;
}

export interface RebuildResult {
  readonly read: number;
  /** Records that are not counted by the live tables either: unreadable, repeated, or behind a gap. */
  readonly leftOut: number;
  readonly seconds: number;
  readonly differences: readonly Difference[];
}

const batchRecords = 2_000;
/** Below this many records in a pass the rest is read while the live writers wait. */
const closeEnough = 2_000;
const mostPasses = 10;

/** Counts the whole log once more into tables beside the live ones, compares both, and puts the new ones in place. */
export async function rebuildReports(options: RebuildOptions): Promise<RebuildResult> {
  const { database, zones, compareOnly = false, say = () => undefined } = options;
  const tables = new RebuildRepository(database);
  const startedAt = performance.now();
  await tables.prepare();
  try {
    const counting = countingInto(new Tables('_rebuild'), zones);
    const feedback = new LogFold(options, topics.feedbackReceived, contracts.feedbackReceived, (tx, batch) =>
      counting.receivedFeedback.apply(tx, batch),
    );
    const facts = new LogFold(options, topics.ticketChanged, contracts.ticketChanged, (tx, batch) =>
      counting.ticketFacts.apply(tx, batch),
    );
    for (let pass = 1; pass <= mostPasses; pass++) {
      const read = (await feedback.readOn()) + (await facts.readOn());
      say(`pass ${pass}: ${read} records, ${rate(feedback.read + facts.read, startedAt)}/s so far`);
      if (read < closeEnough) break;
    }
    const differences = await tables.holdingWriters(async (tx) => {
      // What the live tables have counted lies on the log, so after this the rebuilt ones have counted at least as much.
      await feedback.readOn();
      await facts.readOn();
      const found = await tables.compare(tx);
      if (!compareOnly) await tables.swap(tx);
      return found;
    });
    return {
      read: feedback.read + facts.read,
      leftOut: feedback.leftOut + facts.leftOut,
      seconds: (performance.now() - startedAt) / 1000,
      differences,
    };
  } finally {
    await tables.drop();
  }
}

const rate = (records: number, since: number) => Math.round(records / ((performance.now() - since) / 1000));

/** Reads one topic from where it stopped last and counts it in batches; reads on while the database works. */
class LogFold<Data> {
  read = 0;
  leftOut = 0;
  readonly #next = new Map<number, string>();
  #batch: Data[] = [];
  #underWay: Promise<void> = Promise.resolve();

  constructor(
    private readonly options: RebuildOptions,
    private readonly topic: string,
    private readonly contract: Contract<Data>,
    private readonly count: (tx: Transaction, batch: readonly Data[]) => Promise<Outcome[]>,
  ) {}

  async readOn(): Promise<number> {
    const before = this.read;
    await readTopic(this.options.log, {
      topic: this.topic,
      fromOffsets: new Map(this.#next),
      onRecord: (record) => this.#take(record),
    });
    await this.#flush();
    await this.#underWay;
    return this.read - before;
  }

  async #take(record: LogRecord): Promise<void> {
    this.read += 1;
    this.#next.set(record.partition, String(BigInt(record.offset) + 1n));
    const decoded = decode(this.contract, { headers: record.headers, value: record.bytes });
    if (decoded.ok) this.#batch.push(decoded.data);
    else this.leftOut += 1;
    if (this.#batch.length >= batchRecords) await this.#flush();
  }

  async #flush(): Promise<void> {
    const batch = this.#batch;
    this.#batch = [];
    await this.#underWay;
    if (batch.length > 0) this.#underWay = this.#store(batch);
    // Awaited with the next flush; a failure must not count as unhandled until then.
    this.#underWay.catch(() => undefined);
  }

  async #store(batch: readonly Data[]): Promise<void> {
    const outcomes = await this.options.database.transaction(async (tx) => {
      // Whoever loses a half-built table builds it again.
      await tx.execute('', 'set local synchronous_commit = off');
      return this.count(tx, batch);
    });
    this.leftOut += outcomes.filter(({ kind }) => kind !== 'ok').length;
  }
}
