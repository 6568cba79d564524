import { Inject, Injectable } from '@nestjs/common';
import { counter } from '#observability';
import type { Candidate } from '../domain/feedback-world.js';
import { AcknowledgementBrakeStore } from '../store/acknowledgement-brake.js';
import { CONSUME_RULES, type ConsumeRules } from './consume-rules.js';

/** Alert on `braked`: it means a storm, or a brake that is set too low. */
const acknowledgements = counter({
  name: 'phanhoi_acknowledgements_total',
  help: 'Automatic acknowledgements by account: sent, or held back by the brake of so many a minute',
  labelNames: ['account', 'result'],
});

@Injectable()
export class AcknowledgementBrake {
  constructor(
    private readonly store: AcknowledgementBrakeStore,
    @Inject(CONSUME_RULES) private readonly rules: ConsumeRules,
  ) {}

  /** Those that may go out now, first come first served within each account that receives the customers' messages. */
  async admit(chosen: readonly Candidate[], now: Date): Promise<Candidate[]> {
    const admitted: Candidate[] = [];
    for (const [account, wanting] of Map.groupBy(chosen, ({ event }) => event.account)) {
      const granted = await this.store.reserve(account, wanting.length, this.rules.acknowledgementsPerMinute, now);
      admitted.push(...wanting.slice(0, granted));
      acknowledgements.inc({ account, result: 'sent' }, granted);
      if (granted < wanting.length) acknowledgements.inc({ account, result: 'braked' }, wanting.length - granted);
    }
    return admitted;
  }
}
