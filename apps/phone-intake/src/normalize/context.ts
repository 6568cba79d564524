import { conversationKey, type FeedbackReceived, type ReceivedVia } from '#contracts';

export interface PhoneContext {
  /** `CONVERSATION_SECRET`. */
  readonly secret: string;
  readonly account: string;
  /** What SMS and calls of one number have in common: our number, or the name that the configuration gives it. */
  readonly line: string;
  readonly provider: string;
  readonly receivedAt: Date;
  readonly receivedVia: ReceivedVia;
}

export type PhoneEvent = Omit<FeedbackReceived, 'raw'>;

export interface MediaLink {
  readonly url: string;
  readonly mediaType: string;
}

/** What the bytes of a webhook say: something to publish, nothing that concerns us, or nothing that can be understood. */
export type Read =
  | {
      readonly kind: 'event';
      readonly event: PhoneEvent;
      readonly media?: readonly MediaLink[];
      readonly consent?: 'stop' | 'start';
    }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'unreadable'; readonly detail: string };

/** Without a number every event is a conversation of its own: strangers are never merged. */
export function keyOf(context: PhoneContext, number: string | undefined, eventId: string): string {
  return conversationKey(context.secret, number === undefined ? eventId : `phone:${context.line}:${number}`);
}

const earliest = Date.parse('2000-01-01T00:00:00Z');

/** The provider's time if it can be one: never after we received it, never before 2000. */
export function clampTime(stated: string | number | undefined, receivedAt: Date): { at: string; clamped: boolean } {
  if (stated === undefined || stated === '') return { at: receivedAt.toISOString(), clamped: false };
  const number = Number(stated);
  const ms = Number.isFinite(number) ? (number < 1e11 ? number * 1000 : number) : Date.parse(String(stated));
  if (!(ms >= earliest && ms <= receivedAt.getTime())) return { at: receivedAt.toISOString(), clamped: true };
  return { at: new Date(ms).toISOString(), clamped: false };
}
