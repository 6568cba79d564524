import type { Transition } from '#intake';
import type { GatewayOptions } from '../accounts.js';
import { fieldAt, parseObject } from '../json-fields.js';

/** What a gateway's status callback tells, and of which reply; no transition for words that the configuration does not know. */
export function transitionOfGateway(
  bytes: Buffer,
  { status }: GatewayOptions,
): { readonly replyId: string; readonly transition: Transition | undefined } {
  const body = parseObject(bytes);
  const replyId = fieldAt(body, status.reply);
  const word = fieldAt(body, status.state);
  const to = Object.hasOwn(status.states, word) ? status.states[word] : undefined;
  if (to === undefined) return { replyId, transition: undefined };
  if (to !== 'failed') return { replyId, transition: { to } };
  const detail = (fieldAt(body, status.detail) || word).slice(0, 500);
  return { replyId, transition: { to, error: { code: 'recipient_unreachable', detail, permanent: true } } };
}
