import type { ReceivedVia } from '#contracts';
import { type Arrival, type Checked, type Intake, type IntakeOutcome, lateMediaOf, type MissingMedia } from '#intake';
import type { LedgerEntry } from '#kafka';
import type { PhoneContext, PhoneEvent, Read } from './normalize/context.js';
import type { PhoneAccount } from './source/accounts.js';
import type { MediaFetcher } from './source/twilio/media-fetcher.js';
import type { ConsentRepository } from './store/consent.repository.js';

/** One message or call, as a route or a replay hands it in. */
export interface PhoneDelivery {
  readonly account: PhoneAccount;
  readonly bytes: Buffer;
  readonly contentType: string;
  readonly receivedAt: Date;
  readonly receivedVia: ReceivedVia;
  /** What the bytes say; pure. */
  readonly read: (context: PhoneContext) => Read;
}

export interface PhoneIntakeParts {
  readonly intake: Intake;
  readonly media: MediaFetcher;
  readonly missing: MissingMedia;
  readonly consent: ConsentRepository;
  /** `CONVERSATION_SECRET`. */
  readonly secret: string;
}

/** The path of one verified message or call: parse and normalize, fetch its files, note STOP or START, publish. */
export class PhoneIntake {
  constructor(private readonly parts: PhoneIntakeParts) {}

  /** undefined: well signed and understood, and nothing to keep, e.g. that a telephone rings. */
  async receive(delivery: PhoneDelivery): Promise<IntakeOutcome | undefined> {
    const { account, bytes, contentType } = delivery;
    const { pipeline } = this.parts.intake;
    const entry = pipeline.enter(account.channel, account.id);
    const read = this.read(delivery);
    if (read.kind === 'nothing') {
      entry.end('noted');
      return undefined;
    }
    return await pipeline.receive(
      delivery,
      {
        source: account.channel,
        verify: () => ({ ok: true, value: delivery }),
        parse: async () => await this.parse(read, delivery),
        normalize: (event): Checked<Arrival> => ({ ok: true, value: { event, original: { bytes, contentType } } }),
        prepare: async ({ event }) => await this.noteConsent(read, event, entry),
      },
      entry,
    );
  }

  /** Counted, and nothing else: whoever sent it is not the provider. */
  refuseForged({ channel, id }: PhoneAccount): IntakeOutcome {
    const { pipeline } = this.parts.intake;
    return pipeline.refuse(channel, 'verify', badSignature, pipeline.enter(channel, id));
  }

  /** Of a message that is known: its files, as an edit of it, once all are there or at last those that are. */
  async fetchAgain(delivery: PhoneDelivery, isLast: boolean): Promise<'published' | 'waiting'> {
    const { account, bytes, contentType } = delivery;
    const read = this.read(delivery);
    if (read.kind !== 'event') return 'waiting';
    const { event, isWaiting } = await this.withFiles(read, account);
    if (event.attachments.length === 0 || (isWaiting && !isLast)) return 'waiting';
    const original = { bytes, contentType };
    const outcome = await this.parts.intake.pipeline.accept({ event: lateMediaOf(event), original });
    return outcome.kind === 'accepted' ? 'published' : 'waiting';
  }

  private read({ account, receivedAt, receivedVia, read }: PhoneDelivery): Read {
    const { id, line, provider } = account;
    return read({ secret: this.parts.secret, account: id, line, provider, receivedAt, receivedVia });
  }

  private async parse(read: Exclude<Read, { kind: 'nothing' }>, delivery: PhoneDelivery): Promise<Checked<PhoneEvent>> {
    const { account, bytes, contentType } = delivery;
    if (read.kind === 'unreadable') {
      const { channel, id } = account;
      const context = { contentType };
      const { detail } = read;
      return {
        ok: false,
        unreadable: { channel, account: id, bytes, reason: 'unparseable', step: 'parse', detail, context },
      };
    }
    const { event, isWaiting } = await this.withFiles(read, account);
    if (isWaiting) {
      await this.parts.missing.keep({ account: account.id, body: bytes, receivedVia: delivery.receivedVia });
    }
    return { ok: true, value: event };
  }

  private async withFiles(
    { event, media = [] }: Extract<Read, { kind: 'event' }>,
    account: PhoneAccount,
  ): Promise<{ readonly event: PhoneEvent; readonly isWaiting: boolean }> {
    if (media.length === 0 || account.provider !== 'twilio') return { event, isWaiting: false };
    const files = await Promise.all(media.map((link, index) => this.parts.media.fetch(link, account, index)));
    const attachments = files.flatMap((file) => (file.kind === 'kept' ? [file.attachment] : []));
    const missing = files.some(({ kind }) => kind === 'failed') ? ['media_missing'] : [];
    const refused = files.some(({ kind }) => kind === 'refused') ? ['media_refused'] : [];
    const flags = [...event.signals.flags, ...missing, ...refused];
    return { event: { ...event, attachments, signals: { ...event.signals, flags } }, isWaiting: missing.length > 0 };
  }

  /** Before the acknowledgement: a STOP that was only published could be overtaken by an answer. */
  private async noteConsent(read: Read, event: PhoneEvent, entry: LedgerEntry): Promise<IntakeOutcome | undefined> {
    const number = event.author.identity?.value;
    if (read.kind !== 'event' || read.consent === undefined || number === undefined) return undefined;
    try {
      await this.parts.consent.record({ eventId: event.id, number, word: read.consent, at: event.occurredAt });
      return undefined;
    } catch (error) {
      if (!this.parts.consent.isTransient(error)) throw error;
      entry.end('refused');
      return { kind: 'busy', retryAfterSeconds: 5 };
    }
  }
}

const badSignature = {
  kind: 'forbidden',
  code: 'signature_invalid',
  detail: 'The signature of this request is not valid',
} as const;
