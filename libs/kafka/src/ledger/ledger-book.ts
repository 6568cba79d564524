import type { LedgerCount } from '#contracts';

/** What became of an input. `refused` is every no: 4xx, and 503, after which the sender comes again. */
export type InputOutcome = 'published' | 'spooled' | 'refused' | 'quarantined' | 'noted';
/** What became of a record that a consumer read. */
export type RecordOutcome = 'stored' | 'duplicate' | 'dropped' | 'quarantined';
type LedgerField = Exclude<keyof LedgerCount, 'source' | 'minute'>;

interface Cell {
  readonly source: string;
  /** Minutes since 1970. */
  readonly minute: number;
  readonly fields: Map<LedgerField, number>;
}

const minuteMs = 60_000;
/** An input that takes longer counts as received all the same: if it never ends, the equation shows it. */
const overdueMs = 60_000;

/**
 * One input of an intake, from the entrance to its end. It counts as received when it ends, so that what is under way does not look lost,
 * or when it is overdue.
 */
export class LedgerEntry {
  private hasEnded = false;

  /** @param source `<channel>:<account>`, or the channel while the account is not known. */
  constructor(
    private readonly book: LedgerBook,
    private source: string,
    readonly enteredAt: number,
  ) {}

  /** The account is known now. */
  belongsTo(source: string): void {
    this.source = source;
  }

  /** Where the outcome comes true: behind the store that took it, or where the no is said. The first one counts. */
  end(outcome: InputOutcome): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    if (this.book.leave(this)) this.countReceived();
    this.book.count(this.source, this.enteredAt, outcome);
  }

  /** @internal */
  countReceived(): void {
    this.book.count(this.source, this.enteredAt, 'received');
  }
}

/** The counts of a process that are not written yet, by source and minute. Pure, but for the clock that callers pass in. */
export class LedgerBook {
  private readonly counts = new Map<string, Cell>();
  private readonly open = new Set<LedgerEntry>();

  get isEmpty(): boolean {
    return this.counts.size === 0;
  }

  /** An input comes in. */
  enter(source: string, now = Date.now()): LedgerEntry {
    const entry = new LedgerEntry(this, source, now);
    this.open.add(entry);
    return entry;
  }

  /** False: it has been counted as received already. */
  leave(entry: LedgerEntry): boolean {
    return this.open.delete(entry);
  }

  /** @param time any time in the minute that it counts for, milliseconds since 1970 */
  count(source: string, time: number, field: LedgerField, by = 1): void {
    const minute = Math.max(0, Math.floor(time / minuteMs));
    const name = `${minute} ${source}`;
    let cell = this.counts.get(name);
    if (cell === undefined) this.counts.set(name, (cell = { source, minute, fields: new Map() }));
    cell.fields.set(field, (cell.fields.get(field) ?? 0) + by);
  }

  /** Adds the counts of another book, e.g. of a batch that has come to its end. */
  add(other: LedgerBook): void {
    for (const { source, minute, fields } of other.counts.values()) {
      for (const [field, by] of fields) this.count(source, minute * minuteMs, field, by);
    }
  }

  /** Inputs that are overdue, or all that have not ended, become received ones. */
  closeOpen(until: number = Date.now() - overdueMs): void {
    // In the order of their coming: the first that is in time ends the walk.
    for (const entry of this.open) {
      if (entry.enteredAt > until) return;
      this.open.delete(entry);
      entry.countReceived();
    }
  }

  /** Removes and gives at most `limit` counts. */
  take(limit: number): LedgerCount[] {
    const taken: LedgerCount[] = [];
    for (const [name, { source, minute, fields }] of this.counts) {
      if (taken.length === limit) break;
      taken.push({ source, minute: new Date(minute * minuteMs).toISOString(), ...Object.fromEntries(fields) });
      this.counts.delete(name);
    }
    return taken;
  }
}
