import { z } from 'zod';
import { type ChannelOrigin, readAccountSource } from './account-source.js';
import { line, sha256, time, uuid, word } from './fields.js';
import { deadLetterReasons, resolutions } from './registries.js';

/** Bytes as they came: base64 in `base64`, or `store:<sha256>` in `ref` when they are larger than 128 KiB. */
export const storedBytesSchema = z.object({
  sha256,
  bytes: z.int().min(0),
  base64: z.string().optional(),
  ref: z.string().max(100).optional(),
});
export type StoredBytes = z.infer<typeof storedBytesSchema>;

/** dead.<app>.v1: what an app could not take, with everything that is needed to replay it after a fix. */
export const deadLetterSchema = z.object({
  id: uuid,
  app: z.string().max(60),
  reason: word(deadLetterReasons),
  /** The step that refused: decode, parse, normalize, decide, store. */
  step: z.string().max(60),
  detail: z.string().max(2000).optional(),
  at: time,
  /** A consumer's letter says where on the log it lay, an intake's whence it came. */
  source: z.union([
    z.object({
      kind: z.literal('log'),
      topic: line,
      partition: z.int().min(0),
      offset: z.string().regex(/^\d+$/),
      timestamp: z
        .string()
        .regex(/^-?\d+$/)
        .optional(),
    }),
    z.object({
      kind: z.literal('intake'),
      channel: z.string().max(40),
      account: z.string().max(100),
      /** What normalize needs beside the bytes, e.g. a mail's INTERNALDATE. */
      context: z.record(z.string(), z.string()).optional(),
    }),
  ]),
  key: z.string().nullable(),
  headers: z.record(z.string(), z.string()),
  /** null: the record had no value. */
  body: storedBytesSchema.nullable(),
});
export type DeadLetter = z.infer<typeof deadLetterSchema>;

/** By which channel account it came in: an intake's letter says so, a consumer's the envelope of the event that it holds, if that is readable. */
export function originOf({ source, headers }: DeadLetter): ChannelOrigin | undefined {
  return source.kind === 'intake' ? source : readAccountSource(headers);
}

/** quarantine.resolved.v1: what an operator did about a dead letter. */
export const quarantineResolvedSchema = z.object({
  id: uuid,
  app: z.string().max(60),
  resolution: word(resolutions),
  reason: z.string().max(1000).optional(),
  by: z.string().max(200),
  at: time,
});
export type QuarantineResolved = z.infer<typeof quarantineResolvedSchema>;

/** intake.replay.v1.<app>: a dead letter on its way back through the intake's own normalize. */
export const intakeReplaySchema = z.object({
  id: uuid,
  app: z.string().max(60),
  channel: z.string().max(40),
  account: z.string().max(100),
  context: z.record(z.string(), z.string()).optional(),
  headers: z.record(z.string(), z.string()),
  body: storedBytesSchema,
  at: time,
});
export type IntakeReplay = z.infer<typeof intakeReplaySchema>;
