import { z } from 'zod';
import { type Attachment, attachmentSchema, cleanText, oneLine } from '#contracts';
import { type Checked, type FieldError, refuseFields } from './checked.js';
import { emailAddress } from './email-address.js';
import { readFields } from './fields.js';
import type { Form, Forms } from './form.js';
import { type Phone, readPhone } from './phone.js';

/** Characters (UTF-16) of each field. */
export const limits = {
  name: 200,
  email: 254,
  phone: 40,
  organization: 200,
  subject: 300,
  message: 20_000,
  language: 35,
} as const;

const text = (max: number) => z.string().max(max).nullish();

const shape = {
  form: text(64),
  name: text(limits.name),
  email: text(limits.email),
  phone: text(limits.phone),
  organization: text(limits.organization),
  subject: text(limits.subject),
  message: text(limits.message),
  rating: z.int().min(1).max(5).nullish(),
  language: text(limits.language),
  consent: z.boolean().nullish(),
  fields: z.unknown().optional(),
  /** The trap for robots: people do not see it. */
  website: text(2000),
};
// `strict` refuses a schema that could only be checked uncompiled. Files come with the rendition of a multipart body only.
const plainSchema = z.compile(z.strictObject(shape), { strict: true });
const renditionSchema = z.compile(z.strictObject({ ...shape, files: z.array(attachmentSchema).max(100) }), {
  strict: true,
});

export interface Submission {
  readonly form: Form;
  readonly name?: string;
  readonly email?: string;
  readonly phone?: Phone;
  readonly organization?: string;
  readonly subject?: string;
  readonly message: string;
  readonly rating?: number;
  readonly language?: string;
  readonly consent?: boolean;
  readonly fields: Readonly<Record<string, string | number | boolean>>;
  readonly files: readonly Attachment[];
}

/** Checks a parsed body against the limits and its form. `formId` is given where the address names the form. */
export function readSubmission(
  body: Record<string, unknown>,
  forms: Forms,
  context: { readonly withFiles: boolean; readonly formId?: string },
): Checked<Submission> {
  const parsed = (context.withFiles ? renditionSchema : plainSchema).safeParse(body);
  if (!parsed.success) return refuseFields(parsed.error.issues.flatMap(describeIssue));
  const { data } = parsed;
  const formId = context.formId ?? data.form ?? undefined;
  const form = formId === undefined ? forms.default : forms.byId.get(formId);
  if (form === undefined)
    return refuseFields([{ field: 'form', code: 'unknown_form', message: 'There is no such form' }]);

  // In the order of the page, since its summary lists them so.
  const errors: FieldError[] = [];
  const wrong = (field: string, code: string, message: string) => void errors.push({ field, code, message });
  if (oneLine(data.website) !== undefined) wrong('website', 'must_be_empty', 'This field must stay empty');
  const message = block(data.message ?? '');
  if (message === '') wrong('message', 'required', 'A message is required');
  const fields = readFields(data.fields, form, errors);
  const email = oneLine(data.email);
  const address = email === undefined ? undefined : emailAddress(email);
  if (email !== undefined && address === undefined) wrong('email', 'invalid_format', 'This is not an e-mail address');
  const phoneText = oneLine(data.phone);
  const phone = phoneText === undefined ? undefined : readPhone(phoneText);
  if (phone === 'invalid') wrong('phone', 'invalid_format', 'This is not a telephone number');
  const language = oneLine(data.language);
  if (language !== undefined && !languageTag.test(language))
    wrong('language', 'invalid_format', 'Must be a BCP 47 tag');
  if (form.consent?.required === true && data.consent !== true) wrong('consent', 'required', 'Consent is required');
  if (errors.length > 0) return refuseFields(errors);

  return {
    ok: true,
    value: {
      form,
      message,
      fields,
      files: 'files' in data ? (data.files as Attachment[]) : [],
      ...defined('name', oneLine(data.name)),
      ...defined('email', address),
      ...defined('phone', phone === 'invalid' ? undefined : phone),
      ...defined('organization', oneLine(data.organization)),
      ...defined('subject', oneLine(data.subject)),
      ...defined('rating', data.rating ?? undefined),
      ...defined('language', language),
      ...defined('consent', data.consent ?? undefined),
    },
  };
}

const languageTag = /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/;
// biome-ignore lint: all control characters but tab and newline are meant
const notInBlocks = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]+/g;

/** Several lines, ended by \n. */
function block(value: string): string {
  return cleanText(value).replaceAll('\r\n', '\n').replaceAll('\r', '\n').replace(notInBlocks, '').trim();
}

function defined<Key extends string, Value>(key: Key, value: Value | undefined): { [K in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { [K in Key]: Value });
}

function describeIssue(issue: z.core.$ZodIssue): FieldError[] {
  const field = issue.path.map(String).join('.');
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.slice(0, 20).map((key) => unknownField(key.slice(0, 100)));
    case 'too_big':
      return issue.origin === 'string'
        ? [{ field, code: 'too_long', message: `At most ${issue.maximum} characters` }]
        : [{ field, code: 'out_of_range', message: `At most ${issue.maximum}` }];
    case 'too_small':
      return [{ field, code: 'out_of_range', message: `At least ${issue.minimum}` }];
    case 'invalid_type':
      return [{ field, code: 'invalid_type', message: `Must be of type ${issue.expected}` }];
    default:
      return [{ field, code: 'invalid', message: 'This value cannot be taken' }];
  }
}

function unknownField(field: string): FieldError {
  return field === 'files'
    ? { field, code: 'needs_multipart', message: 'Files are taken as multipart/form-data' }
    : { field, code: 'unknown_field', message: 'There is no such field' };
}
