import type { PhoneContext, Read } from '../../normalize/context.js';
import { readSms } from '../../normalize/sms.js';
import type { GatewayOptions } from '../accounts.js';
import { fieldAt, parseObject } from '../json-fields.js';

/** A message that a gateway hands in, its fields where the configuration says. */
export function readGatewaySms(bytes: Buffer, { inbound }: GatewayOptions, context: PhoneContext): Read {
  const body = parseObject(bytes);
  const from = fieldAt(body, inbound.from);
  if (body === undefined || from === '') return { kind: 'unreadable', detail: 'not JSON, or without a sender' };
  return readSms(
    {
      messageId: fieldAt(body, inbound.id),
      from,
      to: fieldAt(body, inbound.to),
      text: fieldAt(body, inbound.text),
      at: fieldAt(body, inbound.at),
    },
    context,
  );
}
