/** Which passing of each point is meant, counted from 1; nothing in production. */
function read(source: Readonly<Record<string, string | undefined>>): Map<string, number> {
  const { FAILPOINT: wanted, NODE_ENV } = source;
  if (wanted === undefined || NODE_ENV === 'production') return new Map();
  return new Map(
    wanted.split(',').map((item) => {
      const [point = '', nth = '1'] = item.split(':');
      return [point, Number(nth)];
    }),
  );
}

// Read once: records pass by the thousand, and the environment is looked up anew each time.
let passesLeft = read(process.env);

/** As if this process had been started with this `FAILPOINT`, all points unpassed: for tests that stay in their process. */
export function setFailpoints(wanted: string | undefined): void {
  passesLeft = read({ ...process.env, FAILPOINT: wanted });
}

/**
 * Kills this process with SIGKILL when `FAILPOINT` names the point: `after_commit`, or `after_commit:3` for its third passing.
 * Without effect in production. Fault tests place a crash exactly where it hurts with it.
 */
export function failpoint(name: string): void {
  if (dropsAt(name)) process.kill(process.pid, 'SIGKILL');
}

/** True when `FAILPOINT` names the point, at that passing: the caller then loses what it holds, and a test sees who notices. */
export function dropsAt(name: string): boolean {
  const left = passesLeft.get(name);
  if (left === undefined) return false;
  passesLeft.set(name, left - 1);
  return left === 1;
}
