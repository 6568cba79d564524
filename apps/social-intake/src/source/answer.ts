import type { DeliveryErrorCode } from '#contracts';
import type { NotSent, Prepared } from '#intake';

/** A file of an answer. */
export interface AnswerFile {
  readonly name: string;
  /** By its content where that is known, lower-case, without parameters. */
  readonly type: string;
  readonly bytes: number;
  /** Rejects with StoreError. */
  read(): Promise<Blob>;
}

/** An answer to a customer, in the words of the network that it leaves by. */
export interface Answer {
  /** Of the reply: what networks that echo something are given to echo. */
  readonly id: string;
  /** The network's id of the customer. */
  readonly recipient: string;
  /** Empty where there are files alone. */
  readonly text: string;
  readonly files: readonly AnswerFile[];
  /** Written by a person just now, as opposed to what we send by ourselves. */
  readonly isFromAgent: boolean;
  /** The network's id of the message that is answered. */
  readonly inReplyTo?: string;
  readonly conversationId?: string;
  /** Since the customer last wrote. Unknown: the network judges. Milliseconds. */
  readonly silentForMs?: number;
}

const hourMs = 3_600_000;

/** Nothing has left, and nothing will. */
export const refused = (code: DeliveryErrorCode, detail: string): Prepared => ({
  kind: 'refused',
  error: { code, detail, permanent: true },
});

export const windowClosed = (network: string, openHours: number): Prepared =>
  refused('window_closed', `${network} takes answers for ${openHours} hours after the customer has written`);

export const tooLong = (network: string, length: number, limit: number, unit = 'characters'): Prepared =>
  refused('message_too_large', `${length} ${unit}, ${network} takes ${limit}`);

/** Whether the network's time for answers is over. */
export const isOlderThan = ({ silentForMs }: Answer, openHours: number): boolean =>
  silentForMs !== undefined && silentForMs > openHours * hourMs;

/** Refused by the network, with what its own code says. */
export function notSent(
  code: DeliveryErrorCode,
  detail: string,
  { permanent, retryAfterMs }: { readonly permanent: boolean; readonly retryAfterMs?: number },
): NotSent {
  return { kind: 'not_sent', code, permanent, detail, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}
