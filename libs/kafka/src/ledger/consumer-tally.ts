import { readAccountSource } from '#contracts';
import type { LogRecord } from '../batch-handler.js';
import type { Outcome } from '../outcome.js';
import { LedgerBook, type RecordOutcome } from './ledger-book.js';

/** What a consumer read and what became of it, of one run of the runner: it counts only if the run comes to its end. */
export class ConsumerTally {
  readonly book = new LedgerBook();

  read(record: LogRecord): void {
    this.book.count(sourceOf(record), record.timestamp, 'read');
  }

  became(record: LogRecord, outcome: Outcome): void {
    const word = wordOf(outcome);
    if (word !== undefined) this.book.count(sourceOf(record), record.timestamp, word);
  }
}

function wordOf(outcome: Outcome): RecordOutcome | undefined {
  switch (outcome.kind) {
    case 'ok':
      return 'stored';
    case 'drop':
      return outcome.reason === 'duplicate' ? 'duplicate' : 'dropped';
    case 'deadLetter':
      return 'quarantined';
    case 'retry':
      return undefined;
  }
}

/** `<channel>:<account>`; what was not written by an intake of ours is nobody's. */
function sourceOf({ headers }: LogRecord): string {
  const origin = readAccountSource(headers);
  return origin === undefined ? 'unknown' : `${origin.channel}:${origin.account}`;
}
