/** Excel reads a CSV as UTF-8 only behind this mark. */
export const byteOrderMark = '\ufeff';

const executed = /^[=+\-@\t\r]/;
const needsQuotes = /[",\r\n]/;

/**
 * One field. Text that a spreadsheet would take for a formula gets an apostrophe before it (OWASP, "CSV Injection");
 * numbers are ours and stay numbers, also negative ones, which is why csv-stringify's `escape_formulas` does not serve.
 */
export function csvField(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const safe = executed.test(value) ? `'${value}` : value;
  return needsQuotes.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** One line, with the line end of RFC 4180. */
export function csvLine(values: readonly (string | number | null | undefined)[]): string {
  return `${values.map(csvField).join(',')}\r\n`;
}
