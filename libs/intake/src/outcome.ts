/** Where something lies that is safe: on the log, or in the Postgres spool on its way there. */
export type StoredIn = 'log' | 'spool';

/** Why a caller is told no. The HTTP meaning stands beside each member. */
export const refusalStatus = {
  /** Not readable as what it claims to be. */
  malformed: 400,
  unauthenticated: 401,
  forbidden: 403,
  unknown_account: 404,
  too_large: 413,
  unsupported_media: 415,
  /** Readable, but a field breaks a rule, or a key is used again for something else. */
  invalid: 422,
  too_many: 429,
} as const satisfies Record<string, number>;
export type RefusalKind = keyof typeof refusalStatus;

export interface FieldError {
  readonly field: string;
  readonly code: string;
  readonly message: string;
}

/** A no that the caller can act on; nothing is kept. `code` is stable, `errors` name the fields. */
export interface Refusal {
  readonly kind: RefusalKind;
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly FieldError[];
  readonly retryAfterSeconds?: number;
}

/** What became of an input. Every way out of an intake is one of these. */
export type IntakeOutcome =
  /** 202: event and original are durable. */
  | { readonly kind: 'accepted'; readonly eventId: string; readonly stored: StoredIn }
  /** 202: not understood, but kept with its bytes and reason, so the sender need not come again. */
  | { readonly kind: 'quarantined'; readonly deadLetterId: string; readonly stored: StoredIn }
  /** 4xx by `refusalStatus`. */
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** 503 with Retry-After: neither broker nor database took it, or the store has no room; nothing is acknowledged. */
  | {
      readonly kind: 'busy';
      readonly retryAfterSeconds: number;
      readonly code?: 'storage_full' | 'storage_unavailable';
    };

export const outcomeStatus = {
  accepted: () => 202,
  quarantined: () => 202,
  refused: (outcome) => refusalStatus[outcome.refusal.kind],
  busy: () => 503,
} as const satisfies { [Kind in IntakeOutcome['kind']]: (outcome: Extract<IntakeOutcome, { kind: Kind }>) => number };

/** The HTTP status of an outcome, for any intake that answers a caller. */
export function httpStatus(outcome: IntakeOutcome): number {
  switch (outcome.kind) {
    case 'accepted':
      return outcomeStatus.accepted();
    case 'quarantined':
      return outcomeStatus.quarantined();
    case 'refused':
      return outcomeStatus.refused(outcome);
    case 'busy':
      return outcomeStatus.busy();
  }
}
