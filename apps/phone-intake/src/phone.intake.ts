import type { ReceivedVia } from '#contracts';
import type { Arrival, Checked, Intake, IntakeOutcome } from '#intake';
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
  readonly consent: ConsentRepository;
  /** `CONVERSATION_SECRET`. */
  readonly secret: string;
}

/** The path of one verified message or call: parse and normalize, fetch its files, note STOP or START, publish. */
export class PhoneIntake {
  constructor(private readonly parts: PhoneIntakeParts) {}

  /** undefined: well signed and understood, and nothing to keep, e.g. that a telephone rings. */
  async receive(delivery: PhoneDelivery): Promise<IntakeOutcome | undefined> {
    const { account, bytes, contentType, receivedAt, receivedVia } = delivery;
    const { pipeline } = this.parts.intake;
    const entry = pipeline.enter(account.channel, account.id);
    const read = delivery.read({
      secret: this.parts.secret,
      account: account.id,
      line: account.line,
      provider: account.provider,
      receivedAt,
      receivedVia,
    });
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
    const { event, media = [] } = read;
    if (media.length === 0 || account.provider !== 'twilio') return { ok: true, value: event };
    const files = await Promise.all(media.map((link, index) => this.parts.media.fetch(link, account, index)));
    const attachments = files.flatMap((file) => (file.kind === 'kept' ? [file.attachment] : []));
    const missing = files.some(({ kind }) => kind === 'failed') ? ['media_missing'] : [];
    const refused = files.some(({ kind }) => kind === 'refused') ? ['media_refused'] : [];
    const flags = [...event.signals.flags, ...missing, ...refused];
    return { ok: true, value: { ...event, attachments, signals: { ...event.signals, flags } } };
  }

  /** Before the acknowledgement: a STOP that was only published could be overtaken by an answer. */
  private async noteConsent(read: Read, event: PhoneEvent, entry: LedgerEntry): Promise<IntakeOutcome | undefined> {
    const number = event.author.identity?.value;
    if (read.kind !== 'event' || read.consent === undefined || number === undefined) return undefined;
    try {
      await this.parts.consent.record({ eventId: event.id, number, word: read.consent, at: event.receivedAt });
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
