import { Inject, Injectable } from '@nestjs/common';
import { traceHeaders } from '#observability';
import { Database, type Transaction } from '#postgres';
import { systemClock } from '../domain/clock.js';
import { TicketWork } from '../domain/ticket-work.js';
import { OutboxWaker } from './outbox-waker.js';
import { TicketsMovedError, TicketStore } from './ticket.store.js';

/** Injection token of the prefix of ticket numbers. */
export const TICKET_PREFIX = 'TICKET_PREFIX';

const attempts = 5;

/**
 * Changes of few tickets, for API and timers: the same lock order and the same store path as the consumers'.
 * `decide` sees the tickets under lock and may be called again after a rollback; what it throws rolls back.
 */
@Injectable()
export class TicketUnit {
  constructor(
    private readonly database: Database,
    private readonly store: TicketStore,
    private readonly outbox: OutboxWaker,
    @Inject(TICKET_PREFIX) private readonly prefix: string,
  ) {}

  async change<Result>(
    ticketIds: readonly string[],
    decide: (work: TicketWork, tx: Transaction) => Result | Promise<Result>,
  ): Promise<Result> {
    let held = ticketIds;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.database.transaction((tx) => this.attempt(tx, held, decide));
      } catch (error) {
        if (!(error instanceof TicketsMovedError) || attempt === attempts) throw error;
        held = [...held, ...error.ticketIds];
      }
    }
  }

  private async attempt<Result>(
    tx: Transaction,
    ticketIds: readonly string[],
    decide: (work: TicketWork, tx: Transaction) => Result | Promise<Result>,
  ): Promise<Result> {
    const work = new TicketWork(systemClock(), this.prefix);
    await this.store.lock(tx, work, ticketIds);
    const held = [...work.all()];
    await this.store.loadClocks(
      tx,
      work,
      held.map(({ ticket }) => ticket.id),
    );
    const trace = traceHeaders();
    for (const change of held) change.trace = trace;
    const result = await decide(work, tx);
    await this.store.applyChanges(tx, work);
    tx.afterCommit(() => this.outbox.wake());
    return result;
  }
}
