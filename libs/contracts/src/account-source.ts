/** A channel account of ours, as the envelope of an event names it. */
export interface ChannelOrigin {
  readonly channel: string;
  readonly account: string;
}

/** The CloudEvents `source` of what came in by a channel account. */
export const accountSource = ({ channel, account }: ChannelOrigin) => `/phanhoi/${channel}/${account}`;

// Envelopes of poison are read too: no control characters, which databases refuse.
const written = /^\/phanhoi\/([^/\p{Cc}]{1,40})\/([^/\p{Cc}]{1,100})$/u;

/** Reads `accountSource` from an event's headers; undefined where no intake of ours wrote it. */
export function readAccountSource(headers: Readonly<Record<string, string>>): ChannelOrigin | undefined {
  const [, channel, account] = written.exec(headers['ce_source'] ?? '') ?? [];
  return channel === undefined || account === undefined ? undefined : { channel, account };
}
