import { type DynamicModule, Module } from '@nestjs/common';
import { OutboxWaker } from './outbox-waker.js';
import { TICKET_PREFIX, TicketUnit } from './ticket-unit.js';
import { TicketStore } from './ticket.store.js';

/** The way to tickets that consumers, timers and API share; global, so that there is one waker of the relay. */
@Module({})
export class StoreModule {
  static forRoot({ prefix }: { readonly prefix: string }): DynamicModule {
    const shared = [TicketStore, OutboxWaker, TicketUnit, { provide: TICKET_PREFIX, useValue: prefix }];
    return { module: StoreModule, global: true, providers: shared, exports: shared };
  }
}
