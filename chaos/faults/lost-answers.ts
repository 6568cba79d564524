import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureTopics, Publisher, readTopic } from '#kafka';
import { createLogger } from '#observability';
import { TcpProxy } from '#testing';
import type { Report } from '../../bench/harness/report.js';
import { freePorts, startKafka } from '../../tools/platform/index.js';
import { Acknowledged } from '../harness/acknowledged.js';
import { waitUntil } from '../harness/wait-until.js';

const topic = 'lost.answers.v1';
const callers = 20;
const logger = createLogger('chaos', 'silent');

/** F21: the broker's answers get lost 200 times (196 cut connections, 4 silences) under concurrent single-message sends. */
export async function f21(report: Report): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'phanhoi-chaos-'));
  const [port = 0, controllerPort = 0] = await freePorts(2);
  const proxy = await TcpProxy.start({ target: { port } });
  // The broker names the proxy as its address, so that no client gets round it.
  const settings = { 'advertised.listeners': `PLAINTEXT://127.0.0.1:${proxy.port}` };
  const kafka = await startKafka({ dir: join(dir, 'kafka'), port, controllerPort, settings });
  try {
    const address = { brokers: [`127.0.0.1:${proxy.port}`], clientId: 'chaos', logger };
    await ensureTopics(address, [{ name: topic, partitions: 12, config: {} }], { replication: 1 });
    const acknowledged = new Acknowledged(join(dir, 'acknowledged'));
    const publisher = new Publisher({ ...address, requestTimeoutMs: 1_000 });
    await publisher.start();
    const startedAt = performance.now();
    const failed = await sendWhileAnswersGetLost(publisher, proxy, acknowledged);
    report.figure('200 answers lost within', (performance.now() - startedAt) / 1000, 's');
    await publisher.close();
    acknowledged.close();
    report.figure('acknowledged sends', acknowledged.ids.length);
    report.figure('sends refused to their caller', failed);
    report.atLeast('sends acknowledged meanwhile', 200, acknowledged.ids.length);

    const log = await readLog(address);
    report.equals(
      'LOST: acknowledged and not on the topic',
      0,
      acknowledged.ids.filter((id) => !log.first.has(id)).length,
    );
    report.figure('DUP: repeated on the log (inboxes remove them)', log.records - log.first.size);
    report.equals('ORDER: first appearances out of the order of their caller', 0, log.steppedBack);
  } finally {
    await kafka.stop();
    await proxy.close();
    await rm(dir, { recursive: true, force: true });
  }
}

async function sendWhileAnswersGetLost(
  publisher: Publisher,
  proxy: TcpProxy,
  acknowledged: Acknowledged,
): Promise<number> {
  let running = true;
  let failed = 0;
  const sending = Array.from({ length: callers }, async (_, caller) => {
    const key = `caller ${caller}`;
    for (let number = 0; running; number++) {
      const id = randomUUID();
      const headers = { ce_id: id, number: String(number) };
      try {
        await publisher.publish([{ topic, key, partitionKey: key, headers, value: Buffer.from(id) }]);
        acknowledged.add(id);
      } catch (error) {
        // Not acknowledged: nothing was promised. Its number may be missing on the log, never out of order.
        if (!(error instanceof Error && error.name === 'PublishError')) throw error;
        failed += 1;
      }
    }
  });
  const lost = () => proxy.answersLeftToDrop === 0;
  proxy.dropAnswers({ times: 196, every: 2, afterRequestBytes: 150 });
  await waitUntil('196 cut answers', lost, { timeoutMs: 90_000 });
  proxy.dropAnswers({ times: 4, every: 2, afterRequestBytes: 150, then: 'silence' });
  await waitUntil('4 silent answers', lost, { timeoutMs: 60_000 });
  running = false;
  await Promise.all(sending);
  return failed;
}

async function readLog(address: { brokers: string[]; clientId: string; logger: typeof logger }) {
  const first = new Set<string>();
  const lastOf = new Map<string, number>();
  let steppedBack = 0;
  const records = await readTopic(address, {
    topic,
    onRecord: ({ key, headers }) => {
      const id = headers.ce_id ?? '';
      if (first.has(id)) return;
      first.add(id);
      const number = Number(headers.number);
      if (number <= (lastOf.get(key ?? '') ?? -1)) steppedBack += 1;
      lastOf.set(key ?? '', number);
    },
  });
  return { records, first, steppedBack };
}
