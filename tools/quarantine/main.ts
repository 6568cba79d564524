// `npm run quarantine`: the operator's tool for dead letters, of any consumer or intake.
import { quarantineResolvedMessage } from '#contracts';
import { fetchBytesFrom } from '#intake';
import { BytesMissing, bytesOf, Publisher, replayMessage, resolutionOf } from '#kafka';
import { createLogger } from '#observability';
import { Home } from '../platform/home.js';
import { PlatformError, runMain } from '../platform/platform-error.js';
import { readStack } from '../platform/stack.js';
import { type CommandLine, parseCommandLine } from './command-line.js';
import { type Item, matches, onceById, readQuarantine } from './quarantine.js';
import { details, table } from './view.js';

await runMain(async () => {
  const command = parseCommandLine(process.argv.slice(2));
  const home = Home.at(process.env);
  const brokers = process.env['KAFKA_BROKERS']?.split(',') ?? (await readStack(home))?.kafka;
  if (brokers === undefined)
    throw new PlatformError(`No platform runs on ${home}. Start it (npm start), or give KAFKA_BROKERS.`);
  const address = { brokers, clientId: 'quarantine', logger: createLogger('quarantine', 'warn') };
  const found = (await readQuarantine(address)).filter((item) => matches(item, command.filter));
  const items = onceById(found);
  const fetchBytes = fetchBytesFrom(address, process.env['STORE_DIR'] ?? `${home}/store`);
  switch (command.command) {
    case 'list':
      console.log(command.json ? JSON.stringify(found, undefined, 2) : table(found));
      return 0;
    case 'show': {
      const item = only(items);
      if (command.bytes)
        process.stdout.write(item.letter.body === null ? '' : await bytesOf(item.letter.body, fetchBytes));
      else console.log(command.json ? JSON.stringify(item, undefined, 2) : details(item));
      return 0;
    }
    case 'replay':
    case 'discard': {
      if (items.length === 0)
        throw new PlatformError('No waiting dead letter fits. `list --all` shows those that are settled.');
      const publisher = new Publisher(address);
      await publisher.start();
      try {
        return await settle(items, command, async ({ letter }) => {
          const now = new Date();
          const resolution = command.command === 'replay' ? 'replayed' : 'discarded';
          // One after the other: a letter that follows another in sequence must not overtake it.
          if (resolution === 'replayed') await publisher.publish([await replayMessage(letter, now, fetchBytes)]);
          await publisher.publish([quarantineResolvedMessage(resolutionOf(letter, { ...command, resolution }, now))]);
        });
      } finally {
        await publisher.close();
      }
    }
  }
});

interface Settled {
  readonly id: string;
  readonly ok: boolean;
  readonly problem?: string;
}

async function settle(
  items: readonly Item[],
  { dryRun, json, command }: CommandLine,
  act: (item: Item) => Promise<void>,
): Promise<number> {
  const done: Settled[] = [];
  for (const item of items) {
    const { id } = item.letter;
    try {
      if (!dryRun) await act(item);
      done.push({ id, ok: true });
    } catch (error) {
      if (!(error instanceof BytesMissing)) throw error;
      done.push({ id, ok: false, problem: error.message });
    }
  }
  const failed = done.filter(({ ok }) => !ok);
  if (json) console.log(JSON.stringify(done, undefined, 2));
  else {
    for (const { id, problem } of failed) console.log(`${id}: ${problem}`);
    console.log(`${command}${dryRun ? ' (dry run)' : ''}: ${done.length - failed.length} of ${done.length}`);
  }
  return failed.length > 0 ? 1 : 0;
}

function only(items: readonly Item[]): Item {
  const [item, second] = items;
  if (item === undefined) throw new PlatformError('There is no such dead letter.');
  if (second !== undefined) throw new PlatformError('More than one dead letter begins like that: give more of the id.');
  return item;
}
