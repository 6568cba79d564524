/** Area/Location names; an abbreviation or a POSIX offset means different things to different programs. */
const zoneName = /^(?:UTC|[A-Za-z]+(?:\/[A-Za-z0-9_+-]+){1,2})$/;

/** Whether this machine knows the IANA time zone. */
export function isTimeZone(text: string): boolean {
  if (!zoneName.test(text)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
