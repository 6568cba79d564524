import type { DeliveryErrorCode } from '#contracts';
import type { Transition } from '#intake';

/**
 * Twilio's codes that no retry mends, with ours.
 * Source: twilio.com/docs/api/errors and twilio.com/docs/messaging/guides/debugging-tools, 2026-11-22.
 */
const permanent: Readonly<Record<string, DeliveryErrorCode>> = {
  21211: 'recipient_rejected',
  21214: 'recipient_rejected',
  21217: 'recipient_rejected',
  21408: 'recipient_rejected',
  21602: 'message_rejected',
  21610: 'recipient_opted_out',
  21612: 'recipient_rejected',
  21614: 'recipient_rejected',
  21617: 'message_too_large',
  30004: 'recipient_rejected',
  30005: 'recipient_unreachable',
  30006: 'recipient_unreachable',
  30007: 'message_rejected',
};

export function permanentCode(code: string): DeliveryErrorCode | undefined {
  return Object.hasOwn(permanent, code) ? permanent[code] : undefined;
}

/** What a status callback tells of a reply; undefined for states that say nothing new (queued, sending, a later version's). */
export function transitionOfTwilio(fields: Readonly<Record<string, string | string[]>>): Transition | undefined {
  const field = (name: string) => String(fields[name] ?? '');
  const messageId = field('MessageSid') || field('SmsSid');
  const named = messageId === '' ? {} : { messageId };
  switch (field('MessageStatus') || field('SmsStatus')) {
    case 'sent':
      return { to: 'sent', ...named };
    case 'delivered':
      return { to: 'delivered', ...named };
    case 'read':
      return { to: 'read', ...named };
    case 'failed':
    case 'undelivered': {
      const detail = `Twilio ${field('ErrorCode') || 'without a code'}`.slice(0, 500);
      const code = permanentCode(field('ErrorCode')) ?? 'recipient_unreachable';
      return { to: 'failed', error: { code, detail, permanent: true }, ...named };
    }
    default:
      return undefined;
  }
}
