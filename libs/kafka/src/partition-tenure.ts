import type { Logger } from '#observability';
import type { EachBatchPayload } from 'kafkajs';
import { brokerErrorType, describeError } from './client.js';
import type { Tenure } from './running-batch.js';

const heartbeatTickMs = 500;
/** The group goes on without this member, or waits for it to join again. */
const rebalanceErrors = new Set([
  'REBALANCE_IN_PROGRESS',
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'NOT_COORDINATOR_FOR_GROUP',
]);

/**
 * Holds a partition while a batch is worked on: heartbeats go out beside the handler, so that a database that is slow or locked
 * for longer than the session does not cost the membership.
 */
export class PartitionTenure implements Tenure {
  readonly #timer: NodeJS.Timeout;
  #rebalancing = false;

  constructor(
    private readonly payload: EachBatchPayload,
    private readonly logger: Logger,
    private readonly onRebalance: (error: Error) => void,
  ) {
    this.#timer = setInterval(() => void this.heartbeat(), heartbeatTickMs);
  }

  get rebalancing(): boolean {
    return this.#rebalancing;
  }

  get isRunning(): boolean {
    return this.payload.isRunning();
  }

  /** Never rejects: a lost heartbeat is judged by what it brought; without a broker the commit will fail and tell. */
  async heartbeat(): Promise<void> {
    try {
      await this.payload.heartbeat();
    } catch (error) {
      if (error instanceof Error && rebalanceErrors.has(brokerErrorType(error) ?? '')) {
        this.#rebalancing = true;
        this.onRebalance(error);
      } else {
        this.logger.debug({ error: describeError(error) }, 'heartbeat failed');
      }
    }
  }

  end(): void {
    clearInterval(this.#timer);
  }
}
