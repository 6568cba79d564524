import { Problem } from '#http';
import { type IntakeOutcome, type Refusal, refusalStatus } from './outcome.js';

/** A refusal as the caller is told it. */
export function problemOfRefusal({ kind, code, detail, errors, retryAfterSeconds }: Refusal): Problem {
  return new Problem(refusalStatus[kind], code, detail, {
    ...(errors === undefined ? {} : { errors }),
    ...(retryAfterSeconds === undefined ? {} : { headers: { 'retry-after': String(retryAfterSeconds) } }),
  });
}

/** Our trouble, not the caller's: 503 with Retry-After, in seconds. */
export function problemOfBusy({ code, retryAfterSeconds }: Extract<IntakeOutcome, { kind: 'busy' }>): Problem {
  return new Problem(503, code ?? 'unavailable', 'This cannot be kept right now, please send it again', {
    headers: { 'retry-after': String(retryAfterSeconds) },
  });
}
