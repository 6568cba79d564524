import type { Attachment } from '#contracts';
import { RemoteFileError, type RemoteFiles } from '#intake';
import type { MediaLink } from '../../normalize/context.js';
import type { TwilioAccount } from '../accounts.js';

const maxBytes = 5 * 1024 * 1024;
/** Twilio waits 15 s for the answer to its webhook. */
const timeoutMs = 6_000;

export type Fetched =
  | { readonly kind: 'kept'; readonly attachment: Attachment }
  | { readonly kind: 'refused' | 'failed' };

/** The files of a message, from the provider's own hosts only. What cannot be had never loses the message. */
export class MediaFetcher {
  constructor(private readonly files: Pick<RemoteFiles, 'fetch'>) {}

  /** @throws StoreError while the store is full or away: then nothing is acknowledged. */
  async fetch({ url, mediaType }: MediaLink, account: TwilioAccount, index: number): Promise<Fetched> {
    const { credentials, options } = account;
    const { origin, hostname } = new URL(options.apiUrl);
    const basic = Buffer.from(`${credentials.accountSid}:${credentials.authToken}`).toString('base64');
    try {
      const { staged, detectedType } = await this.files.fetch(url, {
        hosts: options.mediaHosts,
        // An API elsewhere than at Twilio is one that the operator has set up himself.
        trustedOrigins: options.mediaHosts.includes(hostname) ? [] : [origin],
        headers: URL.canParse(url) && new URL(url).origin === origin ? { authorization: `Basic ${basic}` } : {},
        // Twilio's API sends a client on to its file hosts once.
        redirects: 1,
        ...{ maxBytes, timeoutMs },
      });
      await staged.commit();
      const { sha256, bytes } = staged;
      const detected = detectedType === undefined ? {} : { detectedType };
      const name = `media-${index + 1}`;
      return { kind: 'kept', attachment: { sha256, bytes, name, mediaType, ...detected, inline: false } };
    } catch (error) {
      if (!(error instanceof RemoteFileError)) throw error;
      return { kind: error.code === 'forbidden_address' || error.code === 'too_large' ? 'refused' : 'failed' };
    }
  }
}
