import { buffer } from 'node:stream/consumers';
import type { IntakeReplay } from '#contracts';
import { deadLetter, type Outcome, retry } from '#kafka';
import { type AttachmentStore, StoreError } from './attachment-store.js';

/** The original of a dead letter that an operator sends back. @throws StoreError: see `outcomeOfStoreError`. */
export async function replayedBytes(store: Pick<AttachmentStore, 'open'>, { body }: IntakeReplay): Promise<Buffer> {
  if (body.base64 !== undefined) return Buffer.from(body.base64, 'base64');
  return await buffer(await store.open((body.ref ?? '').replace(/^store:/, '')));
}

/** What becomes of a replay whose bytes cannot be had: given up when they are gone, tried again otherwise. Other errors are thrown on. */
export function outcomeOfStoreError(error: unknown): Outcome {
  if (!(error instanceof StoreError)) throw error;
  return error.code === 'not_found'
    ? deadLetter('unparseable', 'replay', 'the bytes are gone')
    : retry('store_unavailable');
}
