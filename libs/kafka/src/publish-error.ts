export const publishErrorCodes = ['unavailable', 'busy', 'too_large', 'refused', 'closed'] as const;
export type PublishErrorCode = (typeof publishErrorCodes)[number];

/**
 * Why `publish` did not get an acknowledgement.
 * - `unavailable`: the deadline passed; the messages may or may not be on the log, so send the same ids again.
 * - `busy`: the memory for messages in flight is used up; nothing was sent.
 * - `too_large`: one message is larger than the broker takes; other messages of the same call may be on the log.
 * - `refused`: the broker will never take one of the messages as it is.
 * - `closed`: the publisher is shutting down.
 */
export class PublishError extends Error {
  override readonly name = 'PublishError';

  constructor(
    readonly code: PublishErrorCode,
    detail: string,
    options?: ErrorOptions,
  ) {
    super(`${code}: ${detail}`, options);
  }
}
