import { Problem } from '#http';

/** The ETag of a ticket: its sequence. */
export const entityTag = (sequence: number): string => `"${sequence}"`;

/**
 * The sequence that a caller has read.
 * @throws Problem 428 when `If-Match` is missing, 400 when it is no ETag of ours. `*` is refused: it would overwrite unseen changes.
 */
export function expectedSequence(header: string | undefined): number {
  if (header === undefined || header.trim() === '') {
    throw new Problem(428, 'if_match_required', 'The header If-Match with the ETag that you have read is required');
  }
  const match = /^\s*(?:W\/)?"(\d{1,9})"\s*$/.exec(header);
  if (match === null) throw new Problem(400, 'if_match_invalid', 'If-Match must be one ETag of the ticket');
  return Number(match[1]);
}
