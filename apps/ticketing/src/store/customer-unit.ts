import { Inject, Injectable } from '@nestjs/common';
import { traceHeaders } from '#observability';
import { Database, type Transaction } from '#postgres';
import { systemClock } from '../domain/clock.js';
import { TicketWork } from '../domain/ticket-work.js';
import { CustomerRepository } from './customer.repository.js';
import { OutboxWaker } from './outbox-waker.js';
import { TICKET_PREFIX } from './ticket-unit.js';
import { TicketsMovedError, TicketStore } from './ticket.store.js';

const attempts = 5;

export interface HeldCustomers {
  readonly tx: Transaction;
  /** Those of the customers that exist and were not merged away. */
  readonly customers: ReadonlySet<string>;
  /** With the tickets of the first customer under lock. */
  readonly work: TicketWork;
}

/** Changes of customers that their tickets must follow: identities first, then customers, then tickets, as the consumers lock. */
@Injectable()
export class CustomerUnit {
  constructor(
    private readonly database: Database,
    private readonly customers: CustomerRepository,
    private readonly tickets: TicketStore,
    private readonly outbox: OutboxWaker,
    @Inject(TICKET_PREFIX) private readonly prefix: string,
  ) {}

  /** @param which the tickets of the first customer to hold. */
  async change(
    customerIds: readonly [string, ...string[]],
    which: 'unclosed' | 'all',
    decide: (held: HeldCustomers) => Promise<void>,
  ): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.database.transaction(async (tx) => {
          await this.customers.lockIdentities(tx, customerIds);
          const customers = await this.customers.lock(tx, customerIds);
          const work = new TicketWork(systemClock(), this.prefix);
          await this.tickets.lock(tx, work, await this.customers.ticketIds(tx, customerIds[0], which));
          const trace = traceHeaders();
          for (const held of work.all()) held.trace = trace;
          await decide({ tx, customers, work });
          await this.tickets.applyChanges(tx, work);
          tx.afterCommit(() => this.outbox.wake());
        });
      } catch (error) {
        // A ticket was merged between the look at the ids and their lock: look again.
        if (!(error instanceof TicketsMovedError) || attempt === attempts) throw error;
      }
    }
  }
}
