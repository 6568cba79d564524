import { z } from 'zod';

/** A text in each language that the form speaks, by BCP 47 tag. */
const localized = z.record(z.string().regex(/^[a-z]{2}(-[A-Z]{2})?$/), z.string().min(1).max(2000));
export type Localized = Readonly<Record<string, string>>;

/** Names that events use themselves, or that no object should have as a key. */
export const reservedFields: ReadonlySet<string> = new Set([
  'consent',
  'consent_version',
  'organization',
  'phone',
  'constructor',
  'prototype',
]);

/** Letters of any language, digits, `_`, `.`, `-` and blanks; never `__proto__`. */
export const fieldNamePattern = /^[\p{L}\p{N}][\p{L}\p{N}_. -]{0,63}$/u;

const fieldSchema = z
  .strictObject({
    name: z
      .string()
      .regex(fieldNamePattern)
      .refine((name) => !reservedFields.has(name)),
    type: z.enum(['text', 'number', 'boolean', 'choice']).default('text'),
    label: localized,
    required: z.boolean().default(false),
    maxLength: z.int().min(1).max(2000).default(500),
    choices: z
      .array(z.strictObject({ value: z.string().min(1).max(200), label: localized }))
      .max(100)
      .default([]),
  })
  .refine((field) => (field.type === 'choice') === field.choices.length > 0);
export type FormField = z.output<typeof fieldSchema>;

const askable = ['name', 'email', 'phone', 'organization', 'subject', 'rating', 'files'] as const;
export type Askable = (typeof askable)[number];

/** `options` of a channel account with channel `web_form`. Every key is explained in the app's README. */
export const formOptionsSchema = z.strictObject({
  default: z.boolean().default(false),
  title: localized,
  introduction: localized.optional(),
  thanks: localized.optional(),
  languages: z
    .array(z.string().regex(/^[a-z]{2}$/))
    .min(1)
    .default(['vi', 'en']),
  ask: z.array(z.enum(askable)).default([...askable]),
  fields: z.array(fieldSchema).max(30).default([]),
  consent: z
    .strictObject({ text: localized, required: z.boolean().default(false), version: z.string().max(40).optional() })
    .optional(),
  origins: z.array(z.string().regex(/^https?:\/\/[^/\s]+$/)).default([]),
});

/** A public form: an account of channel web_form. */
export type Form = z.output<typeof formOptionsSchema> & { readonly id: string };

export interface Forms {
  readonly byId: ReadonlyMap<string, Form>;
  /** The form of submissions that name none. */
  readonly default: Form;
}
