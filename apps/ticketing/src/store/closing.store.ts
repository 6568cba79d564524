import { Injectable } from '@nestjs/common';
import { Database } from '#postgres';
import { systemClock } from '../domain/clock.js';
import { closeWhenDue, reopenWindowMs } from '../domain/status.js';
import { TicketUnit } from './ticket-unit.js';

const batchSize = 100;

/** The 7-day timer: closes tickets that were resolved and not reopened. */
@Injectable()
export class ClosingStore {
  constructor(
    private readonly database: Database,
    private readonly unit: TicketUnit,
  ) {}

  /** Closes what is due, at most a batch; returns how many. Another replica's batch is left alone by the lock order and by what it then finds. */
  async closeDue(now = systemClock().now): Promise<number> {
    const due = await this.database.query<{ id: string }>({
      name: 'tickets_closing',
      text: `select id from tickets where status = 'resolved' and resolved_at <= $1::timestamptz
             order by resolved_at limit $2 for update skip locked`,
      values: [new Date(now.getTime() - reopenWindowMs).toISOString(), batchSize],
    });
    if (due.length === 0) return 0;
    return this.unit.change(
      due.map(({ id }) => id),
      (work) => [...work.all()].filter((change) => closeWhenDue(change, now)).length,
    );
  }
}
