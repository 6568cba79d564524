/** A payload that a network's documentation shows, as it stands there. */
export interface DocumentedPayload {
  readonly what: string;
  /** The address of the page, and the day on which it was read. */
  readonly source: string;
  readonly payload: Readonly<Record<string, unknown>>;
}
