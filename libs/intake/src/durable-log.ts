import type { WireMessage } from '#contracts';
import { PublishError, type Publisher } from '#kafka';
import { BrokerGate } from './broker-gate.js';
import type { StoredIn } from './outcome.js';
import type { Spool } from './spool.js';

/** How long a caller waits for the broker before its messages go to the spool: somebody holds the line meanwhile. */
export const callerPatienceMs = 1_000;

/**
 * Makes messages durable: on the log, or in the spool on their way there. All messages of a call share one fate: they leave in one
 * micro-batch or lie in the spool as neighbours.
 */
export class DurableLog {
  constructor(
    private readonly publisher: Pick<Publisher, 'publish'>,
    private readonly spool: Pick<Spool, 'append'>,
    private readonly gate: BrokerGate,
    private readonly patienceMs: number,
  ) {}

  /**
   * `busy`: neither took them; nothing may be acknowledged.
   * @throws PublishError `too_large` or `refused`: the broker will never take one of them.
   */
  async store(messages: readonly WireMessage[]): Promise<StoredIn | 'busy'> {
    if (!this.gate.isAway) {
      try {
        await this.publisher.publish(messages, { deadlineMs: this.patienceMs });
        this.gate.succeeded();
        return 'log';
      } catch (error) {
        if (!(error instanceof PublishError)) throw error;
        switch (error.code) {
          case 'too_large':
          case 'refused':
            throw error;
          case 'busy':
            return 'busy';
          case 'unavailable':
            this.gate.failed();
            break;
          case 'closed':
            break;
        }
      }
    }
    return (await this.spool.append(messages)) ? 'spool' : 'busy';
  }
}
