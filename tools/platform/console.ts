import { z } from 'zod';

const logLine = z.object({
  level: z.number(),
  msg: z.string().optional(),
  err: z.object({ message: z.string() }).optional(),
});
const names: readonly (readonly [number, string])[] = [
  [60, 'FATAL'],
  [50, 'ERROR'],
  [40, 'WARN'],
];
const quietMs = 10_000;

/** Shows a service's warnings and errors on the console; everything stands in its log file. The same words come once in 10 s. */
export function warningsOf(service: string, print: (line: string) => void): (line: string) => void {
  const lastShown = new Map<string, number>();
  return (line) => {
    const text = warning(line);
    if (text === undefined) return;
    const now = Date.now();
    if (now - (lastShown.get(text) ?? 0) < quietMs) return;
    if (lastShown.size > 1_000) lastShown.clear();
    lastShown.set(text, now);
    print(`[${service}] ${text}`);
  };
}

function warning(line: string): string | undefined {
  const entry = logEntry(line);
  // What is not a log line comes from Node itself, such as the stack of a crash.
  if (entry === undefined) return line.trim() === '' ? undefined : line;
  const { level, msg = '', err } = entry;
  const name = names.find(([from]) => level >= from)?.[1];
  return name === undefined ? undefined : `${name} ${msg}${err === undefined ? '' : `: ${err.message}`}`;
}

function logEntry(line: string): z.output<typeof logLine> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return logLine.safeParse(JSON.parse(line)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
