import { type DynamicModule, Module } from '@nestjs/common';
import { AcknowledgementBrakeStore } from './acknowledgement-brake.js';
import { ClosingStore } from './closing.store.js';
import { DeliveryStore } from './delivery.store.js';
import { FeedbackStore } from './feedback.store.js';
import { OutboxWaker } from './outbox-waker.js';
import { SearchProjectionStore } from './search-projection.store.js';
import { TicketStore } from './ticket.store.js';
import { TICKET_PREFIX, TicketUnit } from './ticket-unit.js';

/** What consumers, timers and API share on their way to tickets. Needs PostgresModule. */
@Module({})
export class StoreModule {
  static forRoot({ prefix }: { readonly prefix: string }): DynamicModule {
    const shared = [
      AcknowledgementBrakeStore,
      ClosingStore,
      DeliveryStore,
      FeedbackStore,
      OutboxWaker,
      SearchProjectionStore,
      TicketStore,
      TicketUnit,
    ];
    return {
      module: StoreModule,
      global: true,
      providers: [{ provide: TICKET_PREFIX, useValue: prefix }, ...shared],
      exports: [TICKET_PREFIX, ...shared],
    };
  }
}
