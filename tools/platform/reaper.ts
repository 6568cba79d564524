import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';

/**
 * Ends our children when this process dies without a word (`kill -9`). It is a shell that blocks on its standard input: each line
 * is the whole list of children that live now, and end of file is our death. It outlives Ctrl-C, which reaches the whole terminal
 * group. SIGINT is the signal that everything here takes for an orderly, quick end (Postgres would wait for its clients on SIGTERM).
 */
const script = `
trap '' INT TERM HUP
pids=
while read -r line; do pids=$line; done
[ -n "$pids" ] || exit 0
kill -INT $pids 2>/dev/null
tries=0
while kill -0 $pids 2>/dev/null && [ $tries -lt 40 ]; do sleep 0.2; tries=$((tries + 1)); done
kill -KILL $pids 2>/dev/null
exit 0
`;

const living = new Set<number>();
let shell: ChildProcess | undefined;

export function watchOver(pid: number): void {
  living.add(pid);
  tell();
}

export function watchEnded(pid: number): void {
  living.delete(pid);
  tell();
}

function tell(): void {
  if (shell === undefined) {
    if (living.size === 0) return;
    const started = spawn('sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    started.once('exit', () => {
      if (shell === started) shell = undefined;
    });
    started.stdin.on('error', () => {
      // The shell was killed: the next change of the list starts another.
      if (shell === started) shell = undefined;
    });
    started.unref();
    // A pipe that is not unreferenced would keep this program alive for its watchman.
    if (started.stdin instanceof Socket) started.stdin.unref();
    shell = started;
  }
  shell.stdin?.write(`${[...living].join(' ')}\n`);
}
