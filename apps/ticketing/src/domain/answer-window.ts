import type { Channel, FeedbackKind } from '#contracts';

export interface WindowRules {
  /** Whether a template exists by which WhatsApp may be answered after its 24 hours. */
  readonly whatsappTemplates: boolean;
}

export interface CustomerWord {
  readonly channel: Channel;
  readonly kind: FeedbackKind;
  readonly at: Date;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/**
 * How long a person may still answer after the customer's last word. Messenger and Instagram give machines 24 hours only.
 * Source: docs/channels.md; developers.facebook.com/docs/messenger-platform/policy, "human agent"; Zalo error -230.
 */
const windows: Readonly<Partial<Record<Channel, number>>> = {
  messenger: 7 * dayMs,
  instagram: 7 * dayMs,
  whatsapp: dayMs,
  zalo: 7 * dayMs,
};

/** When the network stops taking an answer to this word; null where it always does. */
export function windowClosesAt({ channel, kind, at }: CustomerWord, rules: WindowRules): Date | null {
  const length = windows[channel];
  // Below a comment anybody may write at any time.
  if (length === undefined || kind === 'comment') return null;
  if (channel === 'whatsapp' && rules.whatsappTemplates) return null;
  return new Date(at.getTime() + length);
}

/** Channels that take an answer only after a word of the customer's, on the account that he wrote to. */
export function needsAWord(channel: Channel): boolean {
  return channel !== 'email' && channel !== 'sms';
}
