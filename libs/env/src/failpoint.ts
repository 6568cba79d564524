const passes = new Map<string, number>();

/**
 * Kills this process with SIGKILL when `FAILPOINT` names the point: `after_commit`, or `after_commit:3` for its third passing.
 * Without effect in production. Fault tests place a crash exactly where it hurts with it.
 */
export function failpoint(name: string, source?: Readonly<Record<string, string | undefined>>): void {
  if (isDue(name, source)) process.kill(process.pid, 'SIGKILL');
}

/** True when `FAILPOINT` names the point, at that passing: the caller then loses what it holds, and a test sees who notices. */
export function dropsAt(name: string, source?: Readonly<Record<string, string | undefined>>): boolean {
  return isDue(name, source);
}

function isDue(name: string, source: Readonly<Record<string, string | undefined>> = process.env): boolean {
  const wanted = source.FAILPOINT;
  if (wanted === undefined || source.NODE_ENV === 'production') return false;
  for (const item of wanted.split(',')) {
    const [point, nth = '1'] = item.split(':');
    if (point !== name) continue;
    const pass = (passes.get(name) ?? 0) + 1;
    passes.set(name, pass);
    return pass === Number(nth);
  }
  return false;
}
