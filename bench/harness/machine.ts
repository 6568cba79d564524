import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';

/** The machine in words, for the report. */
export function describeMachine(): string {
  const gib = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), ${gib} GiB, Node ${process.version}`;
}

/** The load averages as `uptime` prints them. */
export function load(): string {
  return loadavg()
    .map((value) => value.toFixed(2))
    .join(' ');
}

const clockTicks = 100;

/** CPU seconds that a process has used, its threads included; what it used before it ended is not asked. Source: proc(5). */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / clockTicks;
}

function statusMegabytes(pid: number, key: 'VmHWM' | 'VmRSS'): number {
  const line = new RegExp(`^${key}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1] ?? 0) / 1024;
}

/** The largest resident memory that a process ever had, in MiB. */
export const peakRss = (pid: number): number => statusMegabytes(pid, 'VmHWM');

/** The resident memory that a process has now, in MiB. */
export const rss = (pid: number): number => statusMegabytes(pid, 'VmRSS');

/** From now on `peakRss` is the largest since now. Source: proc_pid_clear_refs(5), needs the owner of the process or root. */
export const forgetPeakRss = (pid: number): void => writeFileSync(`/proc/${pid}/clear_refs`, '5');
