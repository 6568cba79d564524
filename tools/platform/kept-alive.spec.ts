import { KeptAlive, type Startable } from './kept-alive.js';
import { until } from './until.js';

class Fake implements Startable {
  private readonly ended = Promise.withResolvers<void>();
  isStopped = false;
  readonly exited = this.ended.promise;

  constructor(readonly pid: number) {}

  die(): void {
    this.ended.resolve();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.ended.resolve();
  }
}

function keep(start: (pid: number) => Promise<Fake>) {
  const up: Fake[] = [];
  let pid = 0;
  const kept = new KeptAlive<Fake>({
    name: 'it',
    start: () => start(++pid),
    onUp: async (instance) => {
      up.push(instance);
    },
    say: () => undefined,
  });
  return { kept, up };
}

const soon = { what: 'the restart', timeoutMs: 5_000, everyMs: 1 };

describe('a process that is kept alive', () => {
  it('is started again when it dies, and not after it was stopped', async () => {
    const { kept, up } = keep(async (pid) => new Fake(pid));
    (await kept.start()).die();
    await until(() => up.length === 2, soon);
    await kept.stop();
    expect(up.map(({ pid, isStopped }) => [pid, isStopped])).toEqual([
      [1, false],
      [2, true],
    ]);
  });

  it('is tried again when a restart fails', async () => {
    const { kept, up } = keep(async (pid) => {
      if (pid === 2) throw new Error('not yet');
      return new Fake(pid);
    });
    (await kept.start()).die();
    await until(() => up.length === 2, soon);
    await kept.stop();
    expect(up.map(({ pid }) => pid)).toEqual([1, 3]);
  });

  it('fails when its very first start fails', async () => {
    const { kept } = keep(() => Promise.reject(new Error('no Java')));
    await expect(kept.start()).rejects.toThrow('no Java');
    await kept.stop();
  });
});
