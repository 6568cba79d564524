import type { AcknowledgementRules } from '../domain/acknowledgement.js';
import type { WindowRules } from '../domain/answer-window.js';
import type { ThreadRules } from '../domain/thread-material.js';

/** Injection token of what the decisions of the consumers depend on beside the data. */
export const CONSUME_RULES = 'CONSUME_RULES';

export interface ConsumeRules extends ThreadRules, WindowRules {
  readonly acknowledgement: AcknowledgementRules;
  /** Automatic acknowledgements by one account in one minute. */
  readonly acknowledgementsPerMinute: number;
}
