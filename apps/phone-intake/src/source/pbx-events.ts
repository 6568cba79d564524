import { readCall } from '../normalize/call.js';
import type { PhoneContext, Read } from '../normalize/context.js';
import type { PbxOptions } from './accounts.js';
import { fieldAt, parseObject } from './json-fields.js';

const inMap = <Value>(map: Readonly<Record<string, Value>>, key: string) =>
  Object.hasOwn(map, key) ? map[key] : undefined;

/** A call that an exchange reports, its fields where the configuration says. */
export function readPbxCall(bytes: Buffer, options: PbxOptions, context: PhoneContext): Read {
  const { fields } = options;
  const body = parseObject(bytes);
  if (body === undefined) return { kind: 'unreadable', detail: 'not a JSON object' };
  const outcome = inMap(options.outcomes, fieldAt(body, fields.outcome));
  if (outcome === undefined) return { kind: 'unreadable', detail: 'the configuration has no such outcome' };
  const direction =
    fields.direction === undefined ? 'inbound' : inMap(options.directions, fieldAt(body, fields.direction));
  if (direction === undefined) return { kind: 'unreadable', detail: 'the configuration has no such direction' };
  const duration = fieldAt(body, fields.duration);
  const answeredAt = fieldAt(body, fields.answeredAt);
  const agent = fieldAt(body, fields.agent);
  const recordingRef = fieldAt(body, fields.recording);
  return readCall(
    {
      callId: fieldAt(body, fields.id),
      direction,
      from: fieldAt(body, fields.from),
      to: fieldAt(body, fields.to),
      startedAt: fieldAt(body, fields.startedAt),
      durationSeconds: duration === '' ? 0 : Number(duration),
      outcome,
      ...(answeredAt === '' ? {} : { answeredAt }),
      ...(agent === '' ? {} : { agent }),
      ...(recordingRef === '' ? {} : { recordingRef }),
      verified: true,
    },
    context,
  );
}
