import { hash, randomUUID } from 'node:crypto';
import type { ReceivedVia } from '#contracts';
import type { Arrival, Checked, Intake, IntakeOutcome, IntakeSteps, StagedBytes } from '#intake';
import type { LedgerEntry } from '#kafka';
import type { Logger } from '#observability';
import type { Forms } from './normalize/form.js';
import { toFeedback } from './normalize/feedback.js';
import { type BodyFormat, bodyFormats, parseBody } from './normalize/parse-body.js';
import { readSubmission } from './normalize/submission.js';
import type { ClientLimits } from './source/client-limits.js';
import type { IdempotencyRepository, KeyUse } from './store/idempotency.repository.js';

/** The bytes of a submission and how they are written. */
export interface FormBody {
  readonly format: BodyFormat;
  readonly bytes: Buffer;
}

/** One submission, as a route hands it in. */
export interface FormPost {
  /** The body; a multipart one is read, and its files staged, when its turn comes. */
  readonly body: FormBody | (() => Promise<Checked<FormBody>>);
  /** The caller's network address; absent for replays. */
  readonly client?: string;
  /** Where the address names the form; else the body does. */
  readonly formId?: string;
  readonly idempotencyKey?: string;
  readonly pageLanguage?: string;
  /** The hosted page carries its key in the field `idempotency_key`, since a form without a script can set no header. */
  readonly keyInBody?: boolean;
  readonly receivedVia: ReceivedVia;
  /** Files on disk that are not in the store yet. */
  readonly staged: StagedBytes[];
}

interface ParsedPost extends FormBody {
  readonly content: Record<string, unknown>;
  readonly key?: string;
}

export interface FeedbackIntakeParts {
  readonly intake: Intake;
  readonly forms: Forms;
  readonly limits: ClientLimits;
  readonly keys: IdempotencyRepository;
  readonly logger: Logger;
  /** `CONVERSATION_SECRET`. */
  readonly secret: string;
}

/** The path of one submission, top to bottom: verify, parse, normalize, prepare, publish. */
export class FeedbackIntake implements IntakeSteps<FormPost, ParsedPost> {
  readonly source = 'web_form';
  /** Uses of one key that run at this moment share one outcome. */
  private readonly running = new Map<string, Promise<IntakeOutcome>>();

  constructor(private readonly parts: FeedbackIntakeParts) {}

  async receive(post: FormPost): Promise<IntakeOutcome> {
    const outcome = await this.parts.intake.pipeline.receive(post, this);
    if (post.staged.length > 0) await Promise.all(post.staged.map((file) => file.discard()));
    return outcome;
  }

  async verify(post: FormPost): Promise<Checked<FormPost>> {
    const refusal = post.client === undefined ? undefined : await this.parts.limits.take(post.client);
    return refusal === undefined ? { ok: true, value: post } : { ok: false, refusal };
  }

  async parse(post: FormPost): Promise<Checked<ParsedPost>> {
    const read = typeof post.body === 'function' ? await post.body() : { ok: true as const, value: post.body };
    if (!read.ok) return read;
    const { format, bytes } = read.value;
    const parsed = parseBody(format, bytes);
    if (!parsed.ok) return parsed;
    const { idempotency_key: inBody, ...rest } = parsed.value;
    const content = post.keyInBody === true ? rest : parsed.value;
    const key = post.idempotencyKey ?? (post.keyInBody === true && isKey(inBody) ? inBody : undefined);
    return { ok: true, value: { format, bytes, content, ...(key === undefined ? {} : { key }) } };
  }

  normalize({ content, format, bytes, key }: ParsedPost, post: FormPost): Checked<Arrival> {
    const { formId, pageLanguage, receivedVia } = post;
    const withFiles = format === 'rendition';
    const submission = readSubmission(content, this.parts.forms, {
      withFiles,
      ...(formId === undefined ? {} : { formId }),
    });
    if (!submission.ok) return submission;
    const event = toFeedback(submission.value, {
      secret: this.parts.secret,
      key: key ?? randomUUID(),
      receivedAt: new Date(),
      receivedVia,
      ...(pageLanguage === undefined ? {} : { pageLanguage }),
    });
    return { ok: true, value: { event, original: { bytes, contentType: bodyFormats[format] } } };
  }

  async prepare(
    arrival: Arrival,
    { bytes, key }: ParsedPost,
    post: FormPost,
    entry: LedgerEntry,
  ): Promise<IntakeOutcome | undefined> {
    if (key === undefined) return await keepFiles(post);
    const use = { form: arrival.event.account, key, bodySha256: sha256Of(bytes) };
    const name = JSON.stringify(use);
    const running = this.running.get(name);
    if (running !== undefined) {
      const shared = await running;
      if (shared.kind !== 'refused') entry.end(shared.kind === 'busy' ? 'refused' : 'noted');
      return shared;
    }
    const outcome = this.publishOnce(arrival, use, post, entry);
    this.running.set(name, outcome);
    // The key stays taken until its acceptance is noted: who comes in between shares the outcome.
    void this.noteAcceptance(outcome, use).finally(() => this.running.delete(name));
    return await outcome;
  }

  /** Never rejects: what fails before the outcome is the callers' to see, and an acceptance stands without its note. */
  private async noteAcceptance(outcome: Promise<IntakeOutcome>, use: KeyUse): Promise<void> {
    const [ended] = await Promise.allSettled([outcome]);
    if (ended.status === 'rejected' || ended.value.kind !== 'accepted') return;
    const { eventId } = ended.value;
    await this.parts.keys.markAccepted(use).catch((error: unknown) => {
      this.parts.logger.warn({ err: error, eventId }, 'the acceptance under an idempotency key was not noted');
    });
  }

  private async publishOnce(arrival: Arrival, use: KeyUse, post: FormPost, entry: LedgerEntry): Promise<IntakeOutcome> {
    switch (await this.parts.keys.claim(use)) {
      case 'other':
        return keyReused;
      case 'done':
        entry.end('noted');
        return { kind: 'accepted', eventId: arrival.event.id, stored: 'log' };
      case 'fresh':
      case 'repeated':
      case 'unknown':
        await keepFiles(post);
        return await this.parts.intake.pipeline.accept(arrival, entry);
    }
  }
}

const keyReused: IntakeOutcome = {
  kind: 'refused',
  refusal: {
    kind: 'invalid',
    code: 'idempotency_key_reused',
    detail: 'This Idempotency-Key was used for another body',
    errors: [{ field: 'Idempotency-Key', code: 'reused', message: 'Use a new key for a new submission' }],
  },
};

/** What the hosted page made; anything else there is as good as no key. */
function isKey(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f-]{36}$/.test(value);
}

/** Files are in their place before the event that names them is on the log. */
async function keepFiles(post: FormPost): Promise<undefined> {
  for (const file of post.staged.splice(0)) await file.commit();
}

function sha256Of(bytes: Buffer): string {
  return hash('sha256', bytes, 'hex');
}
