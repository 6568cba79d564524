import { setImmediate as turn } from 'node:timers/promises';
import type { LogRecord } from './batch-handler.js';
import { GatheredRuns } from './gathered-runs.js';
import type { Tenure } from './running-batch.js';

const tenure = (over: Partial<Tenure> = {}): Tenure => ({
  heartbeat: async () => undefined,
  rebalancing: false,
  isRunning: true,
  ...over,
});
const records = (partition: number, count: number) =>
  Array.from({ length: count }, (_, offset) => ({ partition, offset: String(offset) }) as LogRecord);
const places = (batch: readonly LogRecord[]) => batch.map(({ partition, offset }) => `${partition}/${offset}`);

/** A runner whose runs end when the test says so. */
function slowRunner() {
  const runs: { places: string[]; tenure: Tenure; end: (error?: Error) => void }[] = [];
  const run = (batch: readonly LogRecord[], held: Tenure) =>
    new Promise<void>((resolve, reject) => {
      runs.push({ places: places(batch), tenure: held, end: (error) => (error ? reject(error) : resolve()) });
    });
  return { runs, run };
}

describe('gathered runs', () => {
  it('gives the handler as one batch what several partitions bring in one turn, each in its order', async () => {
    const runner = slowRunner();
    const gathered = new GatheredRuns(runner, { events: 500, atOnce: 3 });
    const all = Promise.all([0, 1, 2].map((partition) => gathered.run(records(partition, 2), tenure())));
    await turn();
    expect(runner.runs.map((run) => run.places)).toEqual([['0/0', '0/1', '1/0', '1/1', '2/0', '2/1']]);
    runner.runs[0]?.end();
    await expect(all).resolves.toEqual([undefined, undefined, undefined]);
  });

  it('keeps to the bounds: events of a run, runs at once; a larger batch goes alone', async () => {
    const runner = slowRunner();
    const gathered = new GatheredRuns(runner, { events: 5, atOnce: 2 });
    const done: number[] = [];
    for (const [partition, count] of [3, 2, 7, 1, 1].entries()) {
      void gathered.run(records(partition, count), tenure()).then(() => done.push(partition));
    }
    await turn();
    expect(runner.runs.map((run) => run.places.length)).toEqual([5, 7]);
    runner.runs[1]?.end();
    await turn();
    expect(done).toEqual([2]);
    expect(runner.runs.map((run) => run.places)).toEqual([expect.anything(), expect.anything(), ['3/0', '4/0']]);
    runner.runs[0]?.end();
    runner.runs[2]?.end();
    await turn();
    expect(done).toEqual([2, 0, 1, 3, 4]);
  });

  it('fails for all that were gathered, and goes on with the next', async () => {
    const runner = slowRunner();
    const gathered = new GatheredRuns(runner, { events: 500, atOnce: 1 });
    const both = Promise.allSettled([0, 1].map((partition) => gathered.run(records(partition, 1), tenure())));
    await turn();
    const failure = new Error('the group is rebalancing');
    runner.runs[0]?.end(failure);
    expect(await both).toEqual([
      { status: 'rejected', reason: failure },
      { status: 'rejected', reason: failure },
    ]);
    const next = gathered.run(records(0, 1), tenure());
    await turn();
    runner.runs[1]?.end();
    await expect(next).resolves.toBeUndefined();
  });

  it.each([
    ['all is well', {}, { rebalancing: false, isRunning: true }],
    ['one is wanted elsewhere', { rebalancing: true }, { rebalancing: true, isRunning: true }],
    ['one stops', { isRunning: false }, { rebalancing: false, isRunning: false }],
  ])('holds the partitions together when %s', async (_, second, expected) => {
    const runner = slowRunner();
    const gathered = new GatheredRuns(runner, { events: 500, atOnce: 1 });
    void gathered.run(records(0, 1), tenure());
    void gathered.run(records(1, 1), tenure(second));
    await turn();
    const held = runner.runs[0]?.tenure;
    expect({ rebalancing: held?.rebalancing, isRunning: held?.isRunning }).toEqual(expected);
  });
});
