import { Injectable } from '@nestjs/common';
import { OutboundRepository, type Transition } from '#intake';
import { counter } from '#observability';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const callbacks = counter({
  name: 'phanhoi_delivery_callbacks_total',
  help: 'Status callbacks of providers, by what they led to',
  labelNames: ['result'],
});

/** Status callbacks come twice, in any order, and before our own send call has returned. */
@Injectable()
export class DeliveryStates {
  constructor(private readonly outbound: OutboundRepository) {}

  async apply(replyId: string, transition: Transition | undefined): Promise<void> {
    if (transition === undefined || !uuid.test(replyId)) {
      callbacks.inc({ result: 'ignored' });
      return;
    }
    const { to, messageId } = transition;
    // Delivered proves sent: the word of the provider may overtake our own.
    if (to === 'delivered' || to === 'read')
      await this.outbound.move(replyId, { to: 'sent', ...(messageId === undefined ? {} : { messageId }) });
    callbacks.inc({ result: (await this.outbound.move(replyId, transition)) ? 'moved' : 'late' });
  }

  /** Which of these ids of a provider belong to replies of ours already. */
  async knownMessageIds(ids: readonly string[]): Promise<Set<string>> {
    return ids.length === 0 ? new Set() : await this.outbound.knownMessageIds(ids);
  }
}
