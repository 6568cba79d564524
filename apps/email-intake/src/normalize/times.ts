const year2000 = Date.UTC(2000, 0, 1);

export interface ClampedTime {
  readonly at: Date;
  readonly clamped: boolean;
}

/** When it happened, by the mail server's word: never after it was received, never before 2000. */
export function occurredAt(internalDate: Date | undefined, receivedAt: Date): ClampedTime {
  const stated = internalDate?.getTime() ?? Number.NaN;
  if (stated <= receivedAt.getTime() && stated >= year2000) return { at: new Date(stated), clamped: false };
  return { at: receivedAt, clamped: internalDate !== undefined };
}

/** What the Date header says, however wrong; undefined when it is no date. */
export function statedTime(header: string | undefined): Date | undefined {
  if (header === undefined || header.length > 100) return undefined;
  const time = Date.parse(header.replace(/\([^)]{0,60}\)/g, '').trim());
  return time >= 0 && time < Date.UTC(10_000, 0, 1) ? new Date(time) : undefined;
}
