import type { ReceivedVia } from '#contracts';
import {
  type Intake,
  type IntakeOutcome,
  type LateInput,
  lateMediaOf,
  type MissingMedia,
  observeSignature,
  StoreError,
  storeOutcome,
  type Unreadable,
} from '#intake';
import type { LedgerEntry } from '#kafka';
import { counter, type Logger } from '#observability';
import { toFeedback } from './normalize/feedback.js';
import type { JsonObject } from './normalize/json.js';
import type { Reading, SocialMessage } from './normalize/reading.js';
import type { EchoJudge } from './outbound/echo-judge.js';
import type { AccountDirectory, SocialAccount } from './source/account-directory.js';
import { readExactJson } from './source/exact-json.js';
import type { FileFetcher } from './source/file-fetcher.js';
import type { SignedRequest } from './source/network.js';
import type { WaitingEcho } from './store/unmatched-echo.repository.js';
import type { UpdateLedger } from './update-ledger.js';

const notedEvents = counter({
  name: 'phanhoi_social_noted_total',
  help: 'Well-signed events that are no feedback (receipts, followers, buttons), by source and type',
  labelNames: ['source', 'type'],
});

/** `done`: everything that the webhook holds is durable, or is nothing to keep. */
export type WebhookOutcome = { readonly kind: 'done' } | Extract<IntakeOutcome, { kind: 'refused' | 'busy' }>;
type TakenOutcome = WebhookOutcome | { readonly kind: 'waiting' };

const done: WebhookOutcome = { kind: 'done' };
const contentType = 'application/json';
/** Nobody waits for files that are asked for again. */
const latePatienceMs = 60_000;
/** Five times what Meta puts into one webhook at most. */
const maxParts = 5_000;

export interface SocialIntakeParts {
  readonly intake: Intake;
  readonly accounts: AccountDirectory;
  readonly files: FileFetcher;
  readonly missing: MissingMedia;
  readonly echoes: EchoJudge;
  readonly updates: UpdateLedger;
  readonly logger: Logger;
  /** `CONVERSATION_SECRET`. */
  readonly secret: string;
}

/** How a webhook came to us. */
interface Delivery {
  readonly receivedAt: Date;
  readonly receivedVia: ReceivedVia;
  /** An echo that cannot be told from our own answers yet is a colleague's. */
  readonly isJudgedNow?: boolean;
  /** The message is known: its files are asked for again. */
  readonly late?: { readonly isLast: boolean };
}

/** One part of a webhook, on its way. */
interface TakenPart {
  readonly part: JsonObject;
  /** Those of the whole webhook, when it holds this part alone. */
  readonly bytes: () => Buffer;
  readonly entry: LedgerEntry;
}

/** What became of one part; undefined: it is no feedback. `waiting`: kept until it can be judged. */
type PartOutcome = IntakeOutcome | { readonly kind: 'waiting' } | undefined;

/** The path of one webhook, top to bottom: verify, parse, split, normalize, fetch files, publish. */
export class SocialIntake {
  constructor(private readonly parts: SocialIntakeParts) {}

  async receive(account: SocialAccount, request: SignedRequest): Promise<WebhookOutcome> {
    const verdict = account.network.verify(request);
    if (verdict === 'probe') return done;
    observeSignature(sourceOf(account), verdict === 'genuine');
    if (verdict === 'forged') {
      const { pipeline } = this.parts.intake;
      return pipeline.refuse(account.channel, 'verify', badSignature, pipeline.enter(account.channel, account.id));
    }
    return told(await this.take(account, request.body, { receivedAt: new Date(), receivedVia: 'push' }));
  }

  /** What an operator sends back from quarantine: its signature was checked when it came. */
  async replay(account: SocialAccount, body: Buffer): Promise<WebhookOutcome> {
    return told(await this.take(account, body, { receivedAt: new Date(), receivedVia: 'replay' }));
  }

  /** What a network was asked for, in the form of the webhook that would have told it. */
  async fetched(account: SocialAccount, body: Buffer): Promise<WebhookOutcome> {
    return told(await this.take(account, body, { receivedAt: new Date(), receivedVia: 'poll' }));
  }

  /** An echo that has waited. `waiting`: leave it, and ask again. */
  async judgeAgain({ account: id, body, receivedAt, receivedVia, isDue }: WaitingEcho): Promise<'settled' | 'waiting'> {
    const account = this.parts.accounts.byId(id);
    // Its account is not configured any more: nobody waits for it.
    if (account === undefined) return 'settled';
    const outcome = await this.take(account, body, { receivedAt, receivedVia, isJudgedNow: isDue });
    return outcome.kind === 'done' ? 'settled' : 'waiting';
  }

  /** A webhook of which files were missing: what they are now is an edit of its message. */
  async fetchAgain({ account: id, body, receivedVia, isLast }: LateInput): Promise<'published' | 'waiting'> {
    const account = this.parts.accounts.byId(id);
    if (account === undefined) return 'waiting';
    const outcome = await this.take(account, body, { receivedAt: new Date(), receivedVia, late: { isLast } });
    return outcome.kind === 'done' ? 'published' : 'waiting';
  }

  private async take(account: SocialAccount, body: Buffer, delivery: Delivery): Promise<TakenOutcome> {
    try {
      const parsed = readExactJson(body);
      if (!parsed.ok) {
        const reason = parsed.detail === 'too_deep' ? 'too_deeply_nested' : 'not_json';
        const why = { reason, step: 'parse', detail: parsed.detail } as const;
        return settle([await this.quarantine(account, body, why, this.enter(account))]);
      }
      const parts = account.network.split(parsed.value);
      if (parts.length > maxParts) {
        const why = { reason: 'too_many_parts', step: 'split' } as const;
        return settle([await this.quarantine(account, body, why, this.enter(account))]);
      }
      // Started in order, so that they lie in order on the log.
      const outcome = settle(
        await Promise.all(
          parts.map(async (part) => {
            const bytes = () => (parts.length === 1 ? body : Buffer.from(JSON.stringify(part)));
            return await this.counted(account, (entry) => this.takePart(account, { part, bytes, entry }, delivery));
          }),
        ),
      );
      const sequence = account.network.sequenceOf?.(parsed.value);
      if (outcome.kind === 'done' && sequence !== undefined) this.parts.updates.note(account.id, sequence);
      return outcome;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.parts.logger.error({ err: error }, 'the attachment store failed');
      const outcome = storeOutcome(error);
      if (outcome.kind === 'busy') return outcome;
      throw error;
    }
  }

  private enter({ channel, id }: SocialAccount): LedgerEntry {
    return this.parts.intake.pipeline.enter(channel, id);
  }

  /** What is kept is counted where it is kept; everything else here. */
  private async counted(
    account: SocialAccount,
    take: (entry: LedgerEntry) => Promise<PartOutcome>,
  ): Promise<PartOutcome> {
    const entry = this.enter(account);
    try {
      const outcome = await take(entry);
      if (outcome === undefined || outcome.kind === 'waiting') entry.end('noted');
      if (outcome?.kind === 'busy' || outcome?.kind === 'refused') entry.end('refused');
      return outcome;
    } catch (error) {
      entry.end('refused');
      throw error;
    }
  }

  private async takePart(account: SocialAccount, taken: TakenPart, delivery: Delivery): Promise<PartOutcome> {
    const reading = account.network.normalize(taken.part);
    switch (reading.kind) {
      case 'noted':
        notedEvents.inc({ source: sourceOf(account), type: reading.type });
        return undefined;
      case 'receipt':
        notedEvents.inc({ source: sourceOf(account), type: reading.receipt.type });
        return await this.parts.echoes.apply(reading.receipt, {
          ...delivery,
          account: account.id,
          body: taken.bytes(),
        });
      case 'message':
        return await this.publish(account, reading.message, taken, delivery);
      case 'unknown':
      case 'unreadable':
        return await this.quarantine(account, taken.bytes(), refusalOf(reading), taken.entry);
    }
  }

  private async publish(
    webhook: SocialAccount,
    given: SocialMessage,
    { bytes: bytesOf, entry }: TakenPart,
    delivery: Delivery,
  ): Promise<PartOutcome> {
    const bytes = bytesOf();
    const { receivedAt, receivedVia, late } = delivery;
    const account = this.parts.accounts.receiverOf(given, webhook);
    if (account === undefined) {
      const detail = `no account of channel ${given.channel} has this address`;
      return await this.quarantine(webhook, bytes, { reason: 'unknown_account', step: 'normalize', detail }, entry);
    }
    let message = given;
    if (given.kind === 'echo' && late === undefined) {
      const judged = await this.parts.echoes.judge(account, given, { ...delivery, account: webhook.id, body: bytes });
      if (judged.kind === 'noted') notedEvents.inc({ source: sourceOf(account), type: judged.type });
      if (judged.kind === 'unreadable') return await this.quarantine(webhook, bytes, judged.why, entry);
      if (judged.kind !== 'foreign') return judged.kind === 'noted' ? undefined : judged;
      message = judged.echo;
    }
    const { files = [] } = message;
    const { media } = account.network;
    const patienceMs = late === undefined ? media.patienceMs : latePatienceMs;
    const { attachments, flags, isWaiting } = await this.parts.files.fetch(sourceOf(account), media, files, patienceMs);
    if (late !== undefined && (attachments.length === 0 || (isWaiting && !late.isLast))) return { kind: 'waiting' };
    if (late === undefined && isWaiting) {
      await this.parts.missing.keep({ account: webhook.id, body: bytes, receivedVia });
    }
    const event = toFeedback(message, {
      account: account.id,
      provider: account.network.name,
      secret: this.parts.secret,
      receivedAt,
      receivedVia,
      attachments,
      flags,
    });
    const whole = late === undefined ? event : lateMediaOf(event, message.revision);
    return await this.parts.intake.pipeline.accept({ event: whole, original: { bytes, contentType } }, entry);
  }

  private quarantine(
    { id, channel }: SocialAccount,
    bytes: Buffer,
    why: Pick<Unreadable, 'reason' | 'step' | 'detail'>,
    entry: LedgerEntry,
  ): Promise<IntakeOutcome> {
    return this.parts.intake.pipeline.quarantine(
      { channel, account: id, bytes, context: { contentType }, ...why },
      entry,
    );
  }
}

const badSignature = {
  kind: 'unauthenticated',
  code: 'bad_signature',
  detail: 'The signature is missing or wrong',
} as const;

const sourceOf = ({ channel, id }: SocialAccount) => `${channel}:${id}`;

function refusalOf(
  reading: Extract<Reading, { kind: 'unknown' | 'unreadable' }>,
): Pick<Unreadable, 'reason' | 'step' | 'detail'> {
  return reading.kind === 'unknown'
    ? { reason: 'unknown_event', step: 'normalize', detail: reading.type }
    : { reason: 'schema_violation', step: 'normalize', detail: reading.detail };
}

/** One part that is not durable makes the whole webhook come again; the others are then known by their ids. */
function settle(outcomes: readonly PartOutcome[]): TakenOutcome {
  for (const outcome of outcomes) if (outcome?.kind === 'busy' || outcome?.kind === 'refused') return outcome;
  return outcomes.some((outcome) => outcome?.kind === 'waiting') ? { kind: 'waiting' } : done;
}

/** What waits is kept: the network has done its part. */
function told(outcome: TakenOutcome): WebhookOutcome {
  return outcome.kind === 'waiting' ? done : outcome;
}
