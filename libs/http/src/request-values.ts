import type { FastifyRequest } from 'fastify';
import { Problem } from './problem.js';

/** Printable ASCII, as the IETF draft of the header wants it; also bounds what goes into an index. */
const keyForm = /^[\x21-\x7e]{1,200}$/;

/**
 * The Idempotency-Key of a request, or undefined.
 * @throws Problem 400 `idempotency_key_invalid`, or `idempotency_key_required` when it is required and missing.
 */
export function idempotencyKey(request: FastifyRequest, options: { readonly required: boolean }): string | undefined {
  const value = request.headers['idempotency-key'];
  if (value === undefined) {
    if (!options.required) return undefined;
    throw new Problem(400, 'idempotency_key_required', 'The header Idempotency-Key is required here');
  }
  if (typeof value === 'string' && keyForm.test(value)) return value;
  throw new Problem(400, 'idempotency_key_invalid', 'Idempotency-Key must be 1 to 200 printable ASCII characters');
}

/** The client's address; X-Forwarded-For counts only from `TRUSTED_PROXIES` (Fastify's `trustProxy`). */
export function clientAddress(request: FastifyRequest): string {
  return request.ip;
}
