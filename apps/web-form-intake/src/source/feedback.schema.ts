import type { ApiBodyOptions } from '@nestjs/swagger';
import { limits } from '../normalize/submission.js';

type SchemaObject = Exclude<Extract<ApiBodyOptions, { schema: unknown }>['schema'], { $ref: string }>;

const text = (maxLength: number, more: SchemaObject = {}): SchemaObject => ({ type: 'string', maxLength, ...more });

/** For the OpenAPI document; what is enforced stands in normalize/submission.ts. */
export const feedbackBody: SchemaObject = {
  type: 'object',
  required: ['message'],
  additionalProperties: false,
  properties: {
    form: text(64, { description: 'Id of the form; the default form when absent' }),
    name: text(limits.name),
    email: text(limits.email, { format: 'email' }),
    phone: text(limits.phone),
    organization: text(limits.organization),
    subject: text(limits.subject),
    message: text(limits.message, { minLength: 1 }),
    rating: { type: 'integer', minimum: 1, maximum: 5 },
    language: text(limits.language, { description: 'BCP 47 tag of the message' }),
    consent: { type: 'boolean' },
    fields: {
      type: 'object',
      description: 'The form’s own fields; in multipart `fields[name]`, or one JSON text',
      additionalProperties: { oneOf: [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }] },
    },
    files: { type: 'array', description: 'multipart only', items: { type: 'string', format: 'binary' } },
    website: text(2000, { description: 'Must be absent or empty: a trap for robots' }),
  },
};

export const acceptedSchema: SchemaObject = {
  type: 'object',
  required: ['id', 'reference'],
  properties: { id: { type: 'string', format: 'uuid' }, reference: { type: 'string', example: 'F-7ZZD3Q0J2KM' } },
};
