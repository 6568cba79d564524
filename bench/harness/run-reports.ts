import { Report } from './report.js';

/** Runs the named programs, or all. Returns the exit code: 0 when every bar holds, 1 when one falls short, 2 for an unknown name. */
export async function runReports(
  kind: 'bench' | 'chaos',
  wanted: readonly string[],
  programs: Readonly<Record<string, (report: Report) => Promise<void>>>,
): Promise<0 | 1 | 2> {
  const unknown = wanted.filter((name) => !(name in programs));
  if (unknown.length > 0) {
    console.error(`there is no ${kind} ${unknown.join(', ')}; there are ${Object.keys(programs).join(', ')}`);
    return 2;
  }
  const held: [name: string, ok: boolean][] = [];
  for (const [name, run] of Object.entries(programs)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const report = new Report(kind, name);
    try {
      await run(report);
    } catch (error) {
      console.error(error);
      report.equals('the run came to its end', 'yes', 'no');
    }
    held.push([name, report.finish()]);
  }
  console.log(`\n${held.map(([name, ok]) => `${ok ? 'ok  ' : 'FAIL'} ${kind} ${name}`).join('\n')}`);
  return held.every(([, ok]) => ok) ? 0 : 1;
}
