import { z } from 'zod';
import { feedbackReceivedSchema } from './feedback-received.js';
import { ledgerRecordSchema } from './ledger.js';
import { deadLetterSchema, intakeReplaySchema, quarantineResolvedSchema } from './quarantine.js';
import type { DeadLetterReason } from './registries.js';
import { replyDeliverySchema, replyRequestedSchema } from './reply.js';
import { ticketChangedSchema } from './ticket-changed.js';

/** A kind of message: its CloudEvents type and the compiled check of its data. */
export interface Contract<Data> {
  readonly type: string;
  readonly schema: z.ZodType<Data>;
}

function contract<Data>(type: string, schema: z.ZodType<Data>): Contract<Data> {
  // `strict` refuses a schema that could only be checked uncompiled, which would be silent and slow.
  return { type, schema: z.compile(schema, { strict: true }) };
}

/** Every contract with data of its own. feedback.raw.v1 carries the original bytes and no data. */
export const contracts = {
  feedbackReceived: contract('feedback.received.v1', feedbackReceivedSchema),
  ticketChanged: contract('ticket.changed.v1', ticketChangedSchema),
  replyRequested: contract('reply.requested.v1', replyRequestedSchema),
  replyDelivery: contract('reply.delivery.v1', replyDeliverySchema),
  deadLetter: contract('dead.letter.v1', deadLetterSchema),
  quarantineResolved: contract('quarantine.resolved.v1', quarantineResolvedSchema),
  intakeReplay: contract('intake.replay.v1', intakeReplaySchema),
  ledgerRecord: contract('intake.ledger.v1', ledgerRecordSchema),
} as const;

/** The CloudEvents type of an original. */
export const feedbackRawType = 'feedback.raw.v1';

export type Decoded<Data> =
  | { readonly ok: true; readonly id: string; readonly data: Data }
  | { readonly ok: false; readonly reason: DeadLetterReason; readonly detail: string };

const refuse = (reason: DeadLetterReason, detail: string) => ({ ok: false, reason, detail }) as const;

/**
 * Reads a record of the log: headers of the CloudEvents binary mode, then JSON, then the compiled schema.
 * Never throws: what cannot be read is answered with a reason of the registry.
 */
export function decode<Data>(
  of: Contract<Data>,
  record: { readonly headers: Readonly<Record<string, string>>; readonly value: Buffer | null },
): Decoded<Data> {
  const type = record.headers.ce_type;
  const id = record.headers.ce_id;
  if (type === undefined || id === undefined || record.headers.ce_specversion !== '1.0') {
    return refuse('missing_headers', 'ce_specversion 1.0, ce_type and ce_id are required');
  }
  if (type !== of.type) return refuse('unknown_version', `expected ${of.type}, got ${type.slice(0, 100)}`);
  if (record.value === null) return refuse('null_value', 'the record has no value');
  const parsed = parseJson(record.value);
  if ('detail' in parsed) return refuse('not_json', parsed.detail);
  const checked = of.schema.safeParse(parsed.json);
  if (!checked.success) return refuse('schema_violation', describeIssues(checked.error));
  return { ok: true, id, data: checked.data };
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function parseJson(value: Buffer): { json: unknown } | { detail: string } {
  try {
    return { json: JSON.parse(utf8.decode(value)) as unknown };
  } catch (error) {
    return { detail: error instanceof Error ? error.message.slice(0, 200) : 'unreadable' };
  }
}

/** Names the fields and the rules that they break, never their values. */
export function describeIssues(error: z.ZodError): string {
  return error.issues
    .slice(0, 5)
    .map((issue) => `${issue.path.join('.') || '(root)'}: ${issue.code}`)
    .join('; ');
}
