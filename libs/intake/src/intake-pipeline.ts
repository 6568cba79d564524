import { hash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  type DeadLetter,
  type DeadLetterReason,
  deadLetterMessage,
  eventLimits,
  type FeedbackReceived,
  feedbackRawMessage,
  feedbackReceivedMessage,
  intakeDeadLetterId,
  type WireMessage,
} from '#contracts';
import { dropsAt } from '#env';
import { type LedgerEntry, type LedgerWriter, PublishError } from '#kafka';
import { type Logger, traceHeaders } from '#observability';
import { type AttachmentStore, type StoredBytes, StoreError } from './attachment-store.js';
import type { DurableLog } from './durable-log.js';
import { countReceived, countRefusal, metricsOf } from './intake-metrics.js';
import type { IntakeOutcome, Refusal } from './outcome.js';

const retryAfterSeconds = 5;

/** The bytes as they came, or, if they were streamed to the store already, their place there. */
export type Original =
  | { readonly bytes: Buffer; readonly contentType: string }
  | { readonly stored: StoredBytes; readonly contentType: string };

/** A normalized event with its original; the pipeline says where the original lies (`raw`). */
export interface Arrival {
  readonly event: Omit<FeedbackReceived, 'raw'>;
  readonly original: Original;
}

/** An input that could not be understood. Its id follows from its bytes: the same input is one dead letter, however often it comes. */
export interface Unreadable {
  readonly channel: string;
  readonly account: string;
  readonly bytes: Buffer;
  /** Where the whole lies in the store already; `bytes` may be empty then. */
  readonly stored?: StoredBytes;
  readonly reason: DeadLetterReason;
  readonly step: string;
  /** For the operator; no personal data. */
  readonly detail?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** What normalize needs beside the bytes when it is replayed, e.g. a mail's INTERNALDATE. */
  readonly context?: Readonly<Record<string, string>>;
}

export type Checked<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly refusal: Refusal }
  | { readonly ok: false; readonly unreadable: Unreadable };

type MaybePromise<Value> = Value | Promise<Value>;

/** One source's steps, in their order; normalize is pure. Their names are metric labels and the `step` of dead letters. */
export interface IntakeSteps<Raw, Parsed> {
  /** Label of refusals, from before the account is known: the channel. */
  readonly source: string;
  /** May this caller deliver at all: signature, rate. */
  verify(raw: Raw): MaybePromise<Checked<Raw>>;
  parse(raw: Raw): MaybePromise<Checked<Parsed>>;
  normalize(parsed: Parsed, raw: Raw): Checked<Arrival>;
  /**
   * The last thing before publication: files go to their place, an idempotency key is claimed. An outcome ends the path here; then the entry
   * in the ledger is for the step to end, unless the outcome is `refused`.
   */
  prepare?(arrival: Arrival, parsed: Parsed, raw: Raw, entry: LedgerEntry): Promise<IntakeOutcome | undefined>;
}

interface PipelineParts {
  /** The app that writes dead letters, e.g. `web-form-intake`. */
  readonly app: string;
  readonly log: Pick<DurableLog, 'store'>;
  readonly store: Pick<AttachmentStore, 'put'>;
  readonly ledger: Pick<LedgerWriter, 'book' | 'addReconciled'>;
  readonly logger: Logger;
  readonly now?: () => number;
}

/** Every input of an intake goes through here: verify, parse, normalize, publish. It knows no channel. */
export class IntakePipeline {
  constructor(private readonly parts: PipelineParts) {}

  /**
   * The entrance: from here on the input is counted, and somebody has to end it. Inputs that enter the pipeline without having been counted
   * enter by themselves.
   * @param account absent while it is not known
   */
  enter(channel: string, account?: string): LedgerEntry {
    const source = account === undefined ? channel : `${channel}:${account}`;
    countReceived(source);
    return this.parts.ledger.book.enter(source);
  }

  /** Runs the steps and acts on what they say; a store that fails is an outcome too. */
  async receive<Raw, Parsed>(
    raw: Raw,
    steps: IntakeSteps<Raw, Parsed>,
    entry = this.enter(steps.source),
  ): Promise<IntakeOutcome> {
    try {
      return await this.run(raw, steps, entry);
    } catch (error) {
      entry.end('refused');
      if (!(error instanceof StoreError)) throw error;
      this.parts.logger.error({ err: error }, 'the attachment store failed');
      return storeOutcome(error);
    }
  }

  /**
   * Makes event and original durable, as one pair. Originals above 128 KiB go to the store first.
   * @throws StoreError when the store cannot keep a large original: nothing is acknowledged then.
   */
  async accept(
    { event, original }: Arrival,
    entry = this.enter(event.channel, event.account),
  ): Promise<Extract<IntakeOutcome, { kind: 'accepted' | 'quarantined' | 'busy' }>> {
    const metrics = metricsOf(event.channel, event.account);
    entry.belongsTo(`${event.channel}:${event.account}`);
    const messages = 'bytes' in original ? await this.pair(event, original) : this.alone(event, original.stored);
    if (dropsAt('drop_input')) return { kind: 'accepted', eventId: event.id, stored: 'log' };
    try {
      const stored = await this.parts.log.store(messages);
      if (stored === 'busy') {
        metrics.busy.inc();
        entry.end('refused');
        return { kind: 'busy', retryAfterSeconds };
      }
      (stored === 'log' ? metrics.published : metrics.spooled).inc();
      entry.end(stored === 'log' ? 'published' : 'spooled');
      return { kind: 'accepted', eventId: event.id, stored };
    } catch (error) {
      if (!(error instanceof PublishError) || !('bytes' in original)) throw error;
      const reason = error.code === 'too_large' ? 'message_too_large' : 'unknown_failure';
      const { channel, account } = event;
      const { bytes, contentType } = original;
      const context = { contentType, messageId: event.provider.messageId };
      return await this.quarantine(
        { channel, account, bytes, reason, step: 'publish', detail: error.code, context },
        entry,
      );
    }
  }

  /**
   * Keeps what could not be understood: as durable as an event, before anything is acknowledged.
   * @param entry absent where it was counted before, e.g. what the drainer finds in the spool
   */
  async quarantine(
    unreadable: Unreadable,
    entry?: LedgerEntry,
  ): Promise<Extract<IntakeOutcome, { kind: 'quarantined' | 'busy' }>> {
    const { channel, account, bytes, stored: kept, reason, step, detail } = unreadable;
    const metrics = metricsOf(channel, account);
    entry?.belongsTo(`${channel}:${account}`);
    const sha256 = kept?.sha256 ?? sha256Of(bytes);
    const id = intakeDeadLetterId(channel, account, sha256);
    const letter: DeadLetter = {
      id,
      app: this.parts.app,
      reason,
      step,
      ...(detail === undefined ? {} : { detail: detail.slice(0, 2000) }),
      at: new Date(this.now()).toISOString(),
      source: {
        kind: 'intake',
        channel,
        account,
        ...(unreadable.context === undefined ? {} : { context: { ...unreadable.context } }),
      },
      key: null,
      headers: { ...unreadable.headers },
      body: kept === undefined ? await this.keptBody(bytes, sha256) : { ...kept, ref: `store:${sha256}` },
    };
    const stored = await this.parts.log.store([deadLetterMessage(letter, traceHeaders())]);
    if (stored === 'busy') {
      metrics.busy.inc();
      entry?.end('refused');
      return { kind: 'busy', retryAfterSeconds };
    }
    metrics.quarantined(reason);
    entry?.end('quarantined');
    this.parts.logger.warn({ deadLetterId: id, channel, account, reason, step }, 'input quarantined');
    return { kind: 'quarantined', deadLetterId: id, stored };
  }

  /** All that the provider holds of this time has gone through the pipeline; `fetched` inputs were taken from its list, known ones among them. */
  reconciled(
    channel: string,
    account: string,
    of: { readonly from: Date; readonly to: Date; readonly fetched: number },
  ): void {
    this.parts.ledger.addReconciled({
      source: `${channel}:${account}`,
      from: of.from.toISOString(),
      to: of.to.toISOString(),
      fetched: of.fetched,
    });
  }

  /** A counted no, for sources whose one input holds many events and is verified once. `source` is the channel. */
  refuse(
    source: string,
    step: string,
    refusal: Refusal,
    entry = this.enter(source),
  ): Extract<IntakeOutcome, { kind: 'refused' }> {
    countRefusal(source, step, refusal.code);
    entry.end('refused');
    return { kind: 'refused', refusal };
  }

  private async run<Raw, Parsed>(
    raw: Raw,
    steps: IntakeSteps<Raw, Parsed>,
    entry: LedgerEntry,
  ): Promise<IntakeOutcome> {
    const stop = async (checked: Exclude<Checked<never>, { ok: true }>, step: string): Promise<IntakeOutcome> =>
      'unreadable' in checked
        ? await this.quarantine(checked.unreadable, entry)
        : this.refuse(steps.source, step, checked.refusal, entry);
    const verified = await steps.verify(raw);
    if (!verified.ok) return await stop(verified, 'verify');
    const parsed = await steps.parse(verified.value);
    if (!parsed.ok) return await stop(parsed, 'parse');
    const normalized = steps.normalize(parsed.value, raw);
    if (!normalized.ok) return await stop(normalized, 'normalize');
    const ended = await steps.prepare?.(normalized.value, parsed.value, raw, entry);
    if (ended === undefined) return await this.accept(normalized.value, entry);
    return ended.kind === 'refused' ? await stop({ ok: false, refusal: ended.refusal }, 'prepare') : ended;
  }

  private async pair(
    event: Arrival['event'],
    original: { readonly bytes: Buffer; readonly contentType: string },
  ): Promise<readonly WireMessage[]> {
    const { bytes } = original;
    if (bytes.length > eventLimits.originalOnLog) return this.alone(event, await this.toStore(bytes));
    const raw = { ref: `log:${event.id}`, sha256: sha256Of(bytes), bytes: bytes.length };
    const whole: FeedbackReceived = { ...event, raw };
    const trace = traceHeaders();
    return [feedbackReceivedMessage(whole, trace), feedbackRawMessage(whole, original, trace)];
  }

  private alone(event: Arrival['event'], stored: StoredBytes): readonly WireMessage[] {
    const raw = { ref: `store:${stored.sha256}`, sha256: stored.sha256, bytes: stored.bytes };
    return [feedbackReceivedMessage({ ...event, raw }, traceHeaders())];
  }

  private async keptBody(bytes: Buffer, sha256: string): Promise<NonNullable<DeadLetter['body']>> {
    if (bytes.length <= eventLimits.originalOnLog)
      return { sha256, bytes: bytes.length, base64: bytes.toString('base64') };
    await this.toStore(bytes);
    return { sha256, bytes: bytes.length, ref: `store:${sha256}` };
  }

  private toStore(bytes: Buffer): Promise<StoredBytes> {
    return this.parts.store.put(Readable.from([bytes]), { maxBytes: bytes.length });
  }

  private now(): number {
    return this.parts.now?.() ?? Date.now();
  }
}

/** What a store's failure means to the caller: its fault, or ours for now. */
export function storeOutcome(error: StoreError): Extract<IntakeOutcome, { kind: 'refused' | 'busy' }> {
  if (error.code !== 'too_large') {
    const code = error.code === 'full' ? 'storage_full' : 'storage_unavailable';
    return { kind: 'busy', retryAfterSeconds: 30, code };
  }
  return { kind: 'refused', refusal: { kind: 'too_large', code: 'file_too_large', detail: 'A file is too large' } };
}

function sha256Of(bytes: Buffer): string {
  return hash('sha256', bytes, 'hex');
}
