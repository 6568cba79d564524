const passes = new Map<string, number>();

/**
 * Kills this process with SIGKILL when `FAILPOINT` names the point: `after_commit`, or `after_commit:3` for its third passing.
 * Without effect in production. Fault tests place a crash exactly where it hurts with it.
 */
export function failpoint(name: string, source: Readonly<Record<string, string | undefined>> = process.env): void {
  const wanted = source.FAILPOINT;
  if (wanted === undefined || source.NODE_ENV === 'production') return;
  for (const item of wanted.split(',')) {
    const [point, nth = '1'] = item.split(':');
    if (point !== name) continue;
    const pass = (passes.get(name) ?? 0) + 1;
    passes.set(name, pass);
    if (pass === Number(nth)) process.kill(process.pid, 'SIGKILL');
  }
}
