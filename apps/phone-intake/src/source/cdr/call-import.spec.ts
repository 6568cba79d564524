import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { StagedBytes } from '#intake';
import { createLogger } from '#observability';
import { callTable } from '../../normalize/call-table.js';
import type { PhoneDelivery, PhoneIntake } from '../../phone.intake.js';
import type { TelephoneAccount } from '../accounts.js';
import { CallImport } from './call-import.js';

const account = { id: 'exchange', channel: 'phone', options: { table: callTable.parse({}) } } as TelephoneAccount;

/** A table of so many calls, on disk. */
function tableOf(rows: number): StagedBytes {
  const header = 'callId,from,to,startedAt,durationSeconds,outcome';
  const calls = Array.from({ length: rows }, (_, row) => `c${row},0912345678,02363888001,2026-11-20 08:00:00,0,missed`);
  const read = () => Readable.from([Buffer.from([header, ...calls].join('\n'))]);
  return { read, discard: async () => undefined } as unknown as StagedBytes;
}

it('receives each row when it is its turn: a long table is not all of its first minute', async () => {
  const deliveries: PhoneDelivery[] = [];
  let firstSettledAt = Infinity;
  const receive = async (delivery: PhoneDelivery) => {
    deliveries.push(delivery);
    await new Promise((resolve) => setTimeout(resolve, 5));
    firstSettledAt = Math.min(firstSettledAt, Date.now());
    return { kind: 'accepted', eventId: 'e', stored: 'log' };
  };
  const calls = new CallImport({ receive } as unknown as PhoneIntake, createLogger('test', 'silent'));
  // More than are under way at once, so that the last ones wait for the first.
  await text(await calls.run(account, tableOf(1_500), undefined));
  expect(deliveries).toHaveLength(1_500);
  expect(deliveries[0]?.receivedAt.getTime()).toBeLessThan(firstSettledAt);
  expect(deliveries.at(-1)?.receivedAt.getTime()).toBeGreaterThanOrEqual(firstSettledAt);
});
