import type { Logger } from '#observability';

export interface OutboundParts {
  /** This replica's name, kept beside what it claims. */
  readonly instance: string;
  readonly logger: Logger;
}

export const OUTBOUND_PARTS = 'OUTBOUND_PARTS';
