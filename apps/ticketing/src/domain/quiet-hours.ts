/** When nobody is to be disturbed by a machine. Clock times are minutes of the day in the zone, days are `YYYY-MM-DD` there. */
export interface QuietHours {
  readonly from: number;
  readonly to: number;
  readonly zone: string;
  readonly holidays: ReadonlySet<string>;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const options = { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' } as const;
  const made = new Intl.DateTimeFormat('en-CA', { ...options, hourCycle: 'h23', timeZone: zone });
  formats.set(zone, made);
  return made;
}

export function isQuiet(now: Date, { from, to, zone, holidays }: QuietHours): boolean {
  const parts = new Map(
    formatOf(zone)
      .formatToParts(now)
      .map(({ type, value }) => [type, value]),
  );
  const day = ['year', 'month', 'day'].map((part) => parts.get(part as 'day')).join('-');
  if (holidays.has(day)) return true;
  const minute = Number(parts.get('hour')) * 60 + Number(parts.get('minute'));
  // From the evening into the morning, or within one day.
  return from <= to ? minute >= from && minute < to : minute >= from || minute < to;
}
