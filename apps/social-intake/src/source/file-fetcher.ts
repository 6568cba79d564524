import type { Attachment } from '#contracts';
import { type RemoteFile, RemoteFileError, type RemoteFiles } from '#intake';
import { counter, type Logger } from '#observability';
import type { FileReference } from '../normalize/reading.js';
import { ApiCallError } from './api-call.js';
import type { Media } from './network.js';

const missing = counter({
  name: 'phanhoi_social_files_missing_total',
  help: "Customers' files that could not be fetched, by source and reason",
  labelNames: ['source', 'reason'],
});

export interface FetchedFiles {
  readonly attachments: readonly Attachment[];
  /** Flags of the event: what of its files is not there. */
  readonly flags: readonly string[];
  /** Some may be had later. */
  readonly isWaiting: boolean;
}

const none: FetchedFiles = { attachments: [], flags: [], isWaiting: false };
type Fetched = Attachment | 'missing' | 'refused';
const maxFiles = 20;
/** Of one replica: a webhook may hold a thousand messages with files. */
const atOnce = 16;

/** Brings the files of a message into the store, as far as they come in time: a message never waits for, or fails by, its files. */
export class FileFetcher {
  private readonly places = new Places(atOnce);

  constructor(
    private readonly files: Pick<RemoteFiles, 'fetch'>,
    private readonly maxBytes: number,
    private readonly logger: Logger,
  ) {}

  /** @throws StoreError when the store has no room or is away. */
  async fetch(
    source: string,
    media: Media,
    references: readonly FileReference[],
    patienceMs = media.patienceMs,
  ): Promise<FetchedFiles> {
    if (references.length === 0) return none;
    const deadline = Date.now() + patienceMs;
    const taken = references.slice(0, maxFiles);
    const fetched = await Promise.all(taken.map((reference) => this.fetchOne(source, media, reference, deadline)));
    const attachments = fetched.filter((file) => typeof file === 'object');
    const isComplete = attachments.length === references.length;
    return { attachments, flags: isComplete ? [] : ['media_missing'], isWaiting: fetched.includes('missing') };
  }

  private async fetchOne(source: string, media: Media, reference: FileReference, deadline: number): Promise<Fetched> {
    await this.places.take();
    try {
      if ((reference.bytes ?? 0) > this.maxBytes) throw new RemoteFileError('too_large', 'as stated by the network');
      const left = () => Math.max(0, deadline - Date.now());
      if (left() === 0) throw new RemoteFileError('unreachable', 'others took the time');
      const { url, headers = {} } = await media.locate(reference, AbortSignal.timeout(left()));
      const { hosts, trustedOrigins } = media;
      const options = { hosts, trustedOrigins, headers, maxBytes: this.maxBytes, timeoutMs: left() };
      const file = await this.files.fetch(url, options);
      await file.staged.commit();
      return attachmentOf(file, reference);
    } catch (error) {
      if (!(error instanceof RemoteFileError || error instanceof ApiCallError)) throw error;
      const reason = error instanceof RemoteFileError ? error.code : 'not_located';
      missing.inc({ source, reason });
      this.logger.warn({ source, reason, detail: error.message }, 'a file of a message is missing');
      // What is not for us, or too large, stays so.
      return reason === 'forbidden_address' || reason === 'too_large' ? 'refused' : 'missing';
    } finally {
      this.places.give();
    }
  }
}

/** How many may do something at once; the others wait in line. */
class Places {
  private readonly waiting: (() => void)[] = [];
  constructor(private free: number) {}

  async take(): Promise<void> {
    if (this.free > 0) this.free--;
    else await new Promise<void>((go) => this.waiting.push(go));
  }

  give(): void {
    const next = this.waiting.shift();
    if (next === undefined) this.free++;
    else next();
  }
}

function attachmentOf({ staged, statedType, detectedType }: RemoteFile, reference: FileReference): Attachment {
  return {
    sha256: staged.sha256,
    name: safeName(reference.name),
    mediaType: (reference.mediaType ?? statedType ?? 'application/octet-stream').slice(0, 255),
    ...(detectedType === undefined ? {} : { detectedType }),
    bytes: staged.bytes,
    inline: false,
  };
}

/** The last part of a path, without what no file name holds. */
function safeName(name: string | undefined): string {
  const last = (name ?? '').toWellFormed().normalize('NFC').split(/[/\\]/).at(-1) ?? '';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
  const clean = last.replace(/[\u0000-\u001f\u007f\u202a-\u202e\u2066-\u2069]/g, '').slice(-200);
  return clean === '' || clean === '.' || clean === '..' ? 'file' : clean;
}
