/** A provider could not be asked now for what it holds, or what it said is not the whole: to be asked again. The message names no address. */
export class ListError extends Error {
  override readonly name: string = 'ListError';

  /** @param retryAfterMs how long the provider, or our own intake, wants to hear nothing */
  constructor(
    message: string,
    readonly retryAfterMs?: number,
  ) {
    super(message);
  }
}

/** The provider does not hold that time any more, or not all of it: asking again is of no use. */
export class ListGoneError extends ListError {
  override readonly name = 'ListGoneError';
}
