import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import {
  type DeadLetter,
  type DeadLetterReason,
  type FeedbackReceived,
  feedbackReceivedMessage,
  type WireMessage,
} from '#contracts';
import { aFeedback } from '#testing';
import { percentiles } from '../../bench/harness/figures.js';
import type { Report } from '../../bench/harness/report.js';
import { checkInvariants } from '../harness/invariants.js';
import { readDeadLetters, writeTo } from '../harness/log.js';
import { StoredWatch } from '../harness/stored-watch.js';
import { waitUntil } from '../harness/wait-until.js';
import { World } from '../harness/world.js';

const run = promisify(execFile);
const refusedText = 'The database refuses this one';

interface Poison {
  readonly what: string;
  readonly reason: DeadLetterReason;
  readonly message: WireMessage;
}

function poisons(): Poison[] {
  const spoilt = (
    what: string,
    reason: DeadLetterReason,
    change: (good: WireMessage) => Partial<WireMessage>,
  ): Poison => {
    const good = feedbackReceivedMessage(aFeedback());
    return { what, reason, message: { ...good, ...change(good) } };
  };
  const data = (change: object) => ({ value: Buffer.from(JSON.stringify({ ...aFeedback(), ...change })) });
  return [
    spoilt('half a JSON document', 'not_json', ({ value }) => ({ value: value?.subarray(0, 100) ?? null })),
    spoilt('bytes that are no UTF-8', 'not_json', () => ({ value: Buffer.from([0x22, 0xff, 0xfe, 0x22]) })),
    spoilt('wrong types', 'schema_violation', () => data({ text: 42, recipients: 'nobody' })),
    spoilt('an unclean text', 'schema_violation', () => data({ text: 'before\u0000after' })),
    spoilt('a later version', 'unknown_version', ({ headers }) => ({
      headers: { ...headers, ce_type: 'feedback.received.v2' },
    })),
    spoilt('no value', 'null_value', () => ({ value: null })),
    spoilt('no headers', 'missing_headers', () => ({ headers: {} })),
  ];
}

/** Ticketing's table refuses one text, until `allow`. */
async function refuseIn(world: World): Promise<{ allow: () => Promise<void> }> {
  await world.sql(
    `alter table ticketing.messages add constraint chaos_refusal check (text is distinct from '${refusedText}')`,
  );
  return {
    allow: async () => {
      await world.sql('alter table ticketing.messages drop constraint chaos_refusal');
    },
  };
}

/** The operator's tool; returns what it prints. */
async function quarantine(world: World, ...args: string[]): Promise<string> {
  const { stdout } = await run(process.execPath, ['dist/tools/quarantine/main.js', ...args], {
    env: { ...process.env, KAFKA_BROKERS: world.brokers.join(',') },
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout;
}

function describeWrong(sent: readonly Poison[], letters: readonly DeadLetter[]): string[] {
  return sent.flatMap(({ what, reason, message }) => {
    const letter = letters.find(({ key }) => key === message.key);
    if (letter === undefined) return [`${what}: no letter`];
    if (letter.reason !== reason) return [`${what}: ${letter.reason}`];
    const bytes = letter.body?.base64 ?? null;
    return bytes === (message.value?.toString('base64') ?? null) ? [] : [`${what}: other bytes`];
  });
}

/** F9: poison on the topic beside good traffic; what the database refused is replayed once its cause is gone. */
export async function f9(report: Report): Promise<void> {
  const world = await World.create({ services: ['ticketing', 'reporting'] });
  try {
    const refusal = await refuseIn(world);
    const refused = Array.from({ length: 3 }, () => aFeedback({ text: refusedText }));
    const sent = [...poisons(), ...poisons(), ...poisons()];
    const good: FeedbackReceived[] = [];
    const quiet = new StoredWatch(world);
    const beside = new StoredWatch(world);
    await writeTo(world.brokers, async (publish) => {
      const flow = async (watch: StoredWatch, count: number, poison: readonly WireMessage[]) => {
        for (let number = 0; number < count; number++) {
          const event = aFeedback({ text: `Phản ánh ${number}` });
          good.push(event);
          watch.sent(event.id);
          // A poison lies right before a good event of its own partition.
          const bad = number % 8 === 0 ? poison[number / 8] : undefined;
          const message = feedbackReceivedMessage(event);
          await publish(bad === undefined ? [message] : [{ ...bad, partitionKey: message.partitionKey }, message]);
          await delay(50);
        }
        await watch.allStored();
      };
      // The first ones also wait for groups to form and code to warm up.
      await flow(new StoredWatch(world), 50, []);
      await flow(quiet, 100, []);
      const bad = [...sent.map(({ message }) => message), ...refused.map((event) => feedbackReceivedMessage(event))];
      await flow(beside, bad.length * 8, bad);
    });
    const [alone, neighbours] = [percentiles(quiet.delays), percentiles(beside.delays)];
    report.figure('good events alone: slowest from log to ticket', alone.max, 'ms');
    report.figure('good events beside poison: median from log to ticket', neighbours.p50, 'ms');
    report.figure('good events beside poison: slowest from log to ticket', neighbours.max, 'ms');
    report.atMost('neighbours delayed by poison at most', 1_000, Math.max(0, neighbours.max - alone.max), 'ms');

    await checkLetters(world, report, sent, refused.length);
    await refusal.allow();
    await quarantine(world, 'replay', '--reason', 'refused_by_database');
    const ids = refused.map(({ id }) => id);
    const restored = new StoredWatch(world);
    for (const id of ids) restored.sent(id);
    await restored.allStored();
    report.equals('replayed after the fix and now on tickets', ids.length, restored.delays.length);
    await checkInvariants(world, report, {
      forms: [...good.map(({ id }) => id), ...ids],
      deadLetters: sent.length + refused.length,
    });
  } finally {
    await world.close();
  }
}

async function checkLetters(world: World, report: Report, sent: readonly Poison[], refused: number): Promise<void> {
  for (const [app, count] of [
    ['ticketing', sent.length + refused],
    ['reporting', sent.length],
  ] as const) {
    let letters: DeadLetter[] = [];
    await waitUntil(`${count} dead letters of ${app}`, async () => {
      letters = await readDeadLetters(world.brokers, app);
      return letters.length >= count;
    });
    report.equals(`${app}: dead letters`, count, letters.length);
    const listed = JSON.parse(await quarantine(world, 'list', '--app', app, '--json')) as unknown[];
    report.equals(`${app}: dead letters that the operator's tool lists`, count, listed.length);
    report.equals(`${app}: letters with other bytes or reason`, '', describeWrong(sent, letters).join('; '));
    const bySql = letters.filter(({ reason }) => reason === 'refused_by_database').length;
    report.equals(`${app}: of them refused by the database`, count - sent.length, bySql);
  }
}

const batch = 500;

/** F10: a row that the database refuses inside a batch of 500. */
export async function f10(report: Report): Promise<void> {
  const world = await World.create({ services: ['ticketing'] });
  try {
    const ticketing = world.service('ticketing');
    ticketing.hold();
    ticketing.kill();
    const refusal = await refuseIn(world);
    const events = Array.from({ length: batch }, (_, number) =>
      aFeedback({ text: number === 333 ? refusedText : `Phản ánh ${number}` }),
    );
    const good = events.filter(({ text }) => text !== refusedText).map(({ id }) => id);
    await writeTo(world.brokers, (publish) =>
      publish(events.map((event) => ({ ...feedbackReceivedMessage(event), partitionKey: 'one partition' }))),
    );
    const watch = new StoredWatch(world);
    ticketing.release();
    await ticketing.ready();
    for (const id of good) watch.sent(id);
    report.figure('ready until 499 are stored and one is quarantined', (await watch.allStored()) / 1000, 's');
    await waitUntil('the dead letter', async () => (await readDeadLetters(world.brokers, 'ticketing')).length > 0);
    const letters = await readDeadLetters(world.brokers, 'ticketing');
    report.equals('stored', batch - 1, watch.delays.length);
    report.equals('quarantined', 'refused_by_database', letters.map(({ reason }) => reason).join());
    const bad = events.find(({ text }) => text === refusedText);
    report.equals('it is the one', bad?.id ?? '', letters[0]?.key ?? '');
    await refusal.allow();
    await quarantine(world, 'replay', '--app', 'ticketing');
    await checkInvariants(world, report, { forms: events.map(({ id }) => id), deadLetters: 1 });
  } finally {
    await world.close();
  }
}
