import { z } from 'zod';
import { flag } from '#env';
import type { AnswerRules } from '../domain/answer-ground.js';

/** Where the fallback may lead: never where others read along. */
const privateChannels = ['zalo', 'sms', 'email', 'whatsapp', 'messenger', 'instagram', 'telegram'] as const;

const accountId = /^[\w.-]{1,100}$/;

/** `sms`, or `hotline=sms,branch=branch-sms,sms`. */
function parseSmsAccounts(text: string, context: z.RefinementCtx): AnswerRules['smsAccounts'] {
  const entries = text.split(',').map((entry) => entry.trim().split('='));
  const others = entries.filter(({ length }) => length === 1).map(([account = '']) => account);
  const byPhone = entries.filter(({ length }) => length === 2) as [string, string][];
  const isValid = entries.every((parts) => parts.length <= 2 && parts.every((part) => accountId.test(part)));
  const [other] = others;
  if (isValid && other !== undefined && others.length === 1) return { byPhone: new Map(byPhone), other };
  context.addIssue({ code: 'custom', message: 'must be `account`, or `phone=account,…,account`' });
  return z.NEVER;
}

/** How answers find their way when the customer's own channel has none. */
export const answerSettings = {
  /** The mailbox by which customers of web forms are answered. */
  FORM_REPLY_ACCOUNT: z.string().min(1).max(100).default('support'),
  /** By which account calls and forms are answered by SMS; with several lines `phone account=SMS account` for each. */
  SMS_REPLY_ACCOUNTS: z.string().default('sms').transform(parseSmsAccounts),
  /** Which of the customer's other verified identities are tried, in this order. */
  ANSWER_FALLBACK: z
    .string()
    .default('zalo,sms,email')
    .transform((text) => text.split(',').map((word) => word.trim()))
    .pipe(z.array(z.enum(privateChannels))),
  /** A template exists by which WhatsApp may be answered after its 24 hours. */
  WHATSAPP_TEMPLATES: flag.default(false),
} as const;

export type AnswerSettings = z.output<z.ZodObject<typeof answerSettings>>;

export function answerRules(settings: AnswerSettings): AnswerRules {
  return {
    fallback: settings.ANSWER_FALLBACK,
    mailAccount: settings.FORM_REPLY_ACCOUNT,
    smsAccounts: settings.SMS_REPLY_ACCOUNTS,
    whatsappTemplates: settings.WHATSAPP_TEMPLATES,
  };
}
