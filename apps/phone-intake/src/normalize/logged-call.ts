import { z } from 'zod';
import { callDirections, callOutcomes } from '#contracts';
import { readCall } from './call.js';
import type { PhoneContext, Read } from './context.js';

const loggedCall = z.strictObject({
  /** Id of the account; needed where several telephone accounts are configured. */
  account: z.string().max(64).optional(),
  callId: z.string().min(1).max(200).optional(),
  direction: z.enum(callDirections),
  from: z.string().max(40).default(''),
  to: z.string().max(40).default(''),
  startedAt: z.iso.datetime({ offset: true }),
  durationSeconds: z.int().min(0).max(604_800),
  outcome: z.enum(callOutcomes),
  note: z.string().max(8_000).optional(),
});
export type LoggedCall = z.output<typeof loggedCall>;

export interface FieldProblem {
  readonly field: string;
  readonly code: string;
  readonly message: string;
}

/** What an agent writes down about a call, or which fields are wrong. */
export function parseLoggedCall(value: unknown): { readonly call: LoggedCall } | { readonly errors: FieldProblem[] } {
  const parsed = loggedCall.safeParse(value);
  if (parsed.success) return { call: parsed.data };
  const errors = parsed.error.issues.flatMap((issue) => {
    const fields = issue.code === 'unrecognized_keys' ? issue.keys : [issue.path.join('.')];
    return fields.slice(0, 20).map((field) => ({ field, code: issue.code, message: issue.message.slice(0, 200) }));
  });
  return { errors };
}

export function readLoggedCall(call: LoggedCall, agent: string, context: PhoneContext): Read {
  const { callId, note, direction, from, to, startedAt, durationSeconds, outcome } = call;
  return readCall(
    {
      ...(callId === undefined ? {} : { callId }),
      ...(note === undefined ? {} : { note }),
      ...{ direction, from, to, startedAt, durationSeconds, outcome, agent, verified: false },
    },
    context,
  );
}
