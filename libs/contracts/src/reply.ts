import { z } from 'zod';
import { attachmentSchema, identitySchema } from './feedback-received.js';
import { customerText, time, uuid, word } from './fields.js';
import { channels, deliveryErrorCodes, deliveryStates, replyReasons } from './registries.js';
import { eventLimits } from './text.js';

/** reply.requested.v1.*: an answer to be sent; final once it is on the topic. `id` is the idempotency key towards the provider. */
export const replyRequestedSchema = z.object({
  id: uuid,
  ticketId: uuid,
  ticketNumber: z.string().max(40),
  conversationKey: z.string().min(1).max(64),
  channel: word(channels),
  account: z.string().min(1).max(100),
  to: identitySchema,
  subject: customerText(eventLimits.subject).optional(),
  text: customerText(eventLimits.text),
  html: customerText(eventLimits.html).optional(),
  attachments: z.array(attachmentSchema).max(100).default([]),
  thread: z.object({
    inReplyTo: z.string().max(1000).optional(),
    references: z.array(z.string().max(1000)).max(eventLimits.references).default([]),
    providerConversationId: z.string().max(1000).optional(),
  }),
  requestedAt: time,
  /** When the customer last wrote on this channel: what the provider's window for answers is counted from. */
  customerWroteAt: time.optional(),
  reason: word(replyReasons),
});
export type ReplyRequested = z.output<typeof replyRequestedSchema>;

/** reply.delivery.v1: what became of a reply. States move as the table `deliveryTransitions` says; late or repeated ones are ignored. */
export const replyDeliverySchema = z.object({
  replyId: uuid,
  ticketId: uuid,
  conversationKey: z.string().min(1).max(64),
  state: word(deliveryStates),
  providerMessageId: z.string().max(1000).optional(),
  at: time,
  attempt: z.int().min(0),
  error: z
    .object({ code: word(deliveryErrorCodes), detail: z.string().max(1000).optional(), permanent: z.boolean() })
    .optional(),
});
export type ReplyDelivery = z.output<typeof replyDeliverySchema>;

/** Which state may follow which. Source: docs/architecture.md, "Replies are a durable queue". */
export const deliveryTransitions = {
  requested: ['sending', 'failed'],
  sending: ['sent', 'failed', 'uncertain', 'requested'],
  sent: ['delivered', 'read', 'failed'],
  delivered: ['read', 'failed'],
  read: [],
  failed: [],
  uncertain: ['sent', 'failed'],
} as const satisfies Record<(typeof deliveryStates)[number], readonly (typeof deliveryStates)[number][]>;
