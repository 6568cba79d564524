import { once } from 'node:events';
import { Readable } from 'node:stream';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import type { OnModuleDestroy } from '@nestjs/common';
import { Problem } from '#http';
import type { StagedBytes } from '#intake';
import { counter, type Logger } from '#observability';
import { readCall } from '../../normalize/call.js';
import { readCallRecord, type RowProblem } from '../../normalize/call-record.js';
import type { PhoneIntake } from '../../phone.intake.js';
import type { TelephoneAccount } from '../accounts.js';
import type { TableRow } from './row-reader.js';
import { type OpenTable, openTable, tableType } from './table-file.js';

type RowResult = { readonly row: number } & (
  | { readonly result: 'accepted' | 'quarantined'; readonly id: string }
  | ({ readonly result: 'refused' } & RowProblem)
  | { readonly result: 'unavailable' }
);

/** Rows that are read in one turn of the event loop, and how many such lots are on their way to the log at once. */
const lot = 50;
const lotsUnderWay = 20;
/** How long a row is offered again while neither broker nor database takes it. */
const patienceMs = 60_000;
const pauseMs = 1_000;
const logEvery = 10_000;
/** The original of a call: the first row of its table, and its own. */
const contentType = `${tableType}; charset=utf-8; header=present`;

const rowsTotal = counter({
  name: 'phanhoi_call_import_rows_total',
  help: 'Rows of imported tables of calls, by what became of them',
  labelNames: ['account', 'result'],
});

const unavailable = () =>
  new Problem(503, 'unavailable', 'This cannot be kept right now, please send it again', {
    headers: { 'retry-after': '5' },
  });

/** Tables of calls, row by row the way of every call. What is sent twice is the same events twice. */
export class CallImport implements OnModuleDestroy {
  private readonly stopping = new AbortController();

  constructor(
    private readonly intake: PhoneIntake,
    private readonly logger: Logger,
  ) {}

  onModuleDestroy(): void {
    this.stopping.abort();
  }

  /**
   * NDJSON: a line for each row, in their order, and a last one that counts them. Without that last line, or with `complete: false`,
   * the table has to be sent again. The file is discarded when the stream ends.
   * @param charset as the sender states it.
   * @throws Problem 422 for a table without a usable first row; 503 when not even the first rows can be kept.
   */
  async run(account: TelephoneAccount, file: StagedBytes, charset: string | undefined): Promise<Readable> {
    const lines = Readable.from(this.lines(account, file, charset));
    await once(lines, 'readable');
    return lines;
  }

  private async *lines(
    account: TelephoneAccount,
    file: StagedBytes,
    charset: string | undefined,
  ): AsyncGenerator<string> {
    try {
      const { table } = account.options;
      yield* this.results(account, await openTable(file, table, charset ?? table.charset));
    } finally {
      await file.discard();
    }
  }

  private async *results(account: TelephoneAccount, table: OpenTable): AsyncGenerator<string> {
    const counts = { rows: 0, accepted: 0, refused: 0, quarantined: 0, unavailable: 0 };
    const started = performance.now();
    const underWay: Promise<RowResult[]>[] = [];
    const settle = async (): Promise<string> => {
      const results = (await underWay.shift()) ?? [];
      for (const { result } of results) {
        counts[result] += 1;
        counts.rows += 1;
        rowsTotal.inc({ account: account.id, result });
        if (counts.rows % logEvery === 0) this.logger.info({ account: account.id, ...counts }, 'calls are imported');
      }
      if (counts.unavailable === counts.rows) throw unavailable();
      return results.map((result) => `${JSON.stringify(result)}\n`).join('');
    };
    const goesOn = () => counts.unavailable === 0 && !this.stopping.signal.aborted;
    for await (const rows of table.rows) {
      for (let at = 0; at < rows.length && goesOn(); at += lot) {
        const taken = Promise.all(rows.slice(at, at + lot).map((row) => this.take(row, account, table)));
        // Awaited in its turn; until then its failure must not look like one that nobody awaits.
        taken.catch(() => undefined);
        underWay.push(taken);
        await nextTurn();
        if (underWay.length >= lotsUnderWay) yield await settle();
      }
      if (!goesOn()) break;
    }
    while (underWay.length > 0) yield await settle();
    const { charset, delimiter } = table;
    const complete = goesOn();
    const seconds = Math.round((performance.now() - started) / 100) / 10;
    this.logger.info({ account: account.id, complete, seconds, charset, ...counts }, 'calls were imported');
    yield `${JSON.stringify({ complete, ...counts, charset, delimiter })}\n`;
  }

  private async take(row: TableRow, account: TelephoneAccount, { places, header }: OpenTable): Promise<RowResult> {
    if ('problem' in row) return { row: row.row, result: 'refused', ...row.problem };
    const call = readCallRecord(row.cells, places, account.options.table, new Date());
    if ('code' in call) return { row: row.row, result: 'refused', ...call };
    const bytes = Buffer.from(`${header}\n${row.text}\n`);
    for (const until = performance.now() + patienceMs; ; ) {
      // Now, not when the file came: by this time consumers are held in the ledger against the minute in which the row went in.
      const receivedAt = new Date();
      const outcome = await this.intake.receive({
        ...{ account, bytes, contentType, receivedAt, receivedVia: 'import' },
        read: (context) => readCall(call, context),
      });
      switch (outcome?.kind) {
        case 'accepted':
          return { row: row.row, result: 'accepted', id: outcome.eventId };
        case 'quarantined':
          return { row: row.row, result: 'quarantined', id: outcome.deadLetterId };
        case 'busy':
          if (performance.now() > until || this.stopping.signal.aborted) return { row: row.row, result: 'unavailable' };
          await delay(pauseMs, undefined, { signal: this.stopping.signal }).catch(() => undefined);
          break;
        default:
          throw new Error(`a row of a table became ${outcome?.kind ?? 'nothing'}`);
      }
    }
  }
}
