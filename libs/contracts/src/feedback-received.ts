import { z } from 'zod';
import { count, customerText, line, sha256, time, uuid, word } from './fields.js';
import {
  autoReplies,
  callDirections,
  callOutcomes,
  channels,
  feedbackKinds,
  identityKinds,
  receivedVias,
} from './registries.js';
import { eventLimits } from './text.js';

/** An address on a channel: `value` is normalized (lower-case address, E.164 number, provider-scoped id). */
export const identitySchema = z.object({ kind: word(identityKinds), value: z.string().min(1).max(320) });
export type Identity = z.infer<typeof identitySchema>;

export const attachmentSchema = z.object({
  sha256,
  name: z.string().max(255),
  mediaType: z.string().max(255),
  detectedType: z.string().max(255).optional(),
  bytes: count,
  inline: z.boolean(),
  contentId: z.string().max(1000).optional(),
});
export type Attachment = z.infer<typeof attachmentSchema>;

/** What a delivery report says about a mail of ours. `status` as in RFC 3463. */
export const bounceSchema = z.object({
  messageId: z.string().max(1000).optional(),
  recipient: z.string().max(320).optional(),
  status: z.string().max(20).optional(),
  permanent: z.boolean(),
});

/** A call in its final state. `from` is absent for a withheld number; numbers are E.164 where they could be read. */
export const callSchema = z.object({
  direction: word(callDirections),
  from: z.string().max(64).optional(),
  to: z.string().max(64),
  startedAt: time,
  answeredAt: time.optional(),
  durationSeconds: count,
  outcome: word(callOutcomes),
  agent: z.string().max(200).optional(),
  recordingRef: z.string().max(1000).optional(),
  note: customerText(8 * 1024).optional(),
});
export type Call = z.infer<typeof callSchema>;

/** feedback.received.v1: one thing that a customer sent, normalized. Meaning of each field: docs/contracts/README.md. */
export const feedbackReceivedSchema = z.object({
  id: uuid,
  channel: word(channels),
  kind: word(feedbackKinds),
  account: z.string().min(1).max(100),
  provider: z.object({
    name: z.string().min(1).max(40),
    messageId: z.string().min(1).max(1000),
    conversationId: z.string().max(1000).optional(),
    refersTo: z.string().max(1000).optional(),
    receivedVia: word(receivedVias),
  }),
  conversationKey: z.string().min(1).max(64),
  occurredAt: time,
  receivedAt: time,
  statedAt: time.optional(),
  author: z.object({
    identity: identitySchema.optional(),
    displayName: customerText(1000).optional(),
    verified: z.boolean(),
    locale: z.string().max(35).optional(),
  }),
  recipients: z.array(identitySchema).max(100).default([]),
  thread: z.object({
    inReplyTo: z.string().max(1000).optional(),
    references: z.array(z.string().max(1000)).max(eventLimits.references).default([]),
    /** Claims that ticketing verifies: `tag:PH-123`, `plus:<local part>`, `form:F-…`. */
    hints: z.array(z.string().max(1000)).max(20).default([]),
  }),
  subject: customerText(eventLimits.subject).optional(),
  text: customerText(eventLimits.text),
  html: customerText(eventLimits.html).optional(),
  quoted: customerText(eventLimits.quoted).optional(),
  language: z.string().max(35).optional(),
  attachments: z.array(attachmentSchema).max(100).default([]),
  call: callSchema.optional(),
  rating: z
    .object({
      survey: z.string().max(100),
      answers: z.array(z.object({ item: z.string().max(100), value: z.number(), scale: z.number() })).max(50),
      ticketId: uuid.optional(),
    })
    .optional(),
  fields: z
    .record(z.string().max(100), z.union([customerText(eventLimits.fields), z.number(), z.boolean()]))
    .optional(),
  signals: z.object({
    autoReply: word(autoReplies),
    bounce: bounceSchema.optional(),
    dmarc: z.string().max(20).optional(),
    spam: z.boolean().optional(),
    /** For example `truncated`, `time_clamped`, `erased`, `same_id_other_body`. */
    flags: z.array(z.string().max(40)).max(20).default([]),
  }),
  raw: z.object({ ref: line, sha256, bytes: count }),
  reference: z.string().max(40).optional(),
});
export type FeedbackReceived = z.output<typeof feedbackReceivedSchema>;
