import { createHash } from 'node:crypto';
import { type DeadLetter, type DeadLetterReason, deadLetterId, deadLetterMessage } from '#contracts';
import { traceHeaders } from '#observability';
import type { LogRecord } from './batch-handler.js';
import type { Publisher } from './publisher.js';
import { PublishError } from './publish-error.js';

export interface Refusal {
  readonly reason: DeadLetterReason;
  readonly step: string;
  readonly detail?: string;
}

export interface DeadLettersOptions {
  readonly app: string;
  readonly publisher: Publisher;
  /** Keeps bytes beyond 128 KiB in the shared store and answers `store:<sha256>`. */
  readonly storeLarge?: (bytes: Buffer) => Promise<string>;
}

/** The quarantine could not be written: nothing may be committed. */
export class DeadLetterUnwritten extends Error {
  override readonly name = 'DeadLetterUnwritten';
}

const inlineBytes = 128 * 1024;
/** Base64 of this many bytes still fits into the 1 MiB that a broker takes. */
const inlineBytesWithoutStore = 640 * 1024;
/** Well below the 10 s after which the database ends a transaction that sits idle: letters are written inside one. */
const writeDeadlineMs = 5_000;

/** Writes what could not be taken to `dead.<app>.v1`, with all that a replay needs. */
export class DeadLetters {
  constructor(private readonly options: DeadLettersOptions) {}

  /** @throws DeadLetterUnwritten when the broker or the store does not take one of them. */
  async write(refused: readonly { readonly record: LogRecord; readonly refusal: Refusal }[]): Promise<void> {
    try {
      const letters = await Promise.all(refused.map(({ record, refusal }) => this.#letter(record, refusal)));
      await Promise.all(letters.map((letter) => this.#publish(letter)));
    } catch (error) {
      throw new DeadLetterUnwritten('a dead letter could not be written', { cause: error });
    }
  }

  async #publish(letter: DeadLetter): Promise<void> {
    try {
      await this.options.publisher.publish([deadLetterMessage(letter, traceHeaders())], {
        deadlineMs: writeDeadlineMs,
      });
    } catch (error) {
      if (!(error instanceof PublishError) || error.code !== 'too_large') throw error;
      const small = deadLetterMessage(withoutBulk(letter), traceHeaders());
      await this.options.publisher.publish([small], { deadlineMs: writeDeadlineMs });
    }
  }

  async #letter(record: LogRecord, refusal: Refusal): Promise<DeadLetter> {
    const { topic, partition, offset } = record;
    return {
      id: deadLetterId(topic, partition, offset),
      app: this.options.app,
      reason: refusal.reason,
      step: refusal.step,
      ...(refusal.detail === undefined ? {} : { detail: refusal.detail.slice(0, 2_000) }),
      at: new Date().toISOString(),
      source: { kind: 'log', topic, partition, offset, timestamp: String(record.timestamp) },
      key: record.key,
      headers: { ...record.headers },
      body: record.bytes === null ? null : await this.#body(record, record.bytes),
    };
  }

  async #body(record: LogRecord, bytes: Buffer): Promise<DeadLetter['body']> {
    const described = { sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length };
    const { storeLarge } = this.options;
    if (bytes.length > inlineBytes && storeLarge !== undefined) return { ...described, ref: await storeLarge(bytes) };
    if (bytes.length > inlineBytesWithoutStore) return { ...described, ref: placeOnLog(record) };
    return { ...described, base64: bytes.toString('base64') };
  }
}

/** Where the bytes still lie for as long as the topic keeps them. */
function placeOnLog({ topic, partition, offset }: Pick<LogRecord, 'topic' | 'partition' | 'offset'>): string {
  return `log:${topic}/${partition}/${offset}`;
}

/** A letter that must be written even if key and headers alone exceed what the broker takes. */
function withoutBulk(letter: DeadLetter): DeadLetter {
  const { source, body } = letter;
  const headers = Object.entries(letter.headers).slice(0, 32);
  return {
    ...letter,
    key: letter.key?.slice(0, 1_000) ?? null,
    headers: Object.fromEntries(headers.map(([name, value]) => [name.slice(0, 200), value.slice(0, 1_000)])),
    body:
      body === null || source.kind !== 'log'
        ? null
        : { sha256: body.sha256, bytes: body.bytes, ref: placeOnLog(source) },
  };
}
