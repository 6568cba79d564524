import { cleanText, eventLimits } from '#contracts';
import type { FieldError } from './checked.js';
import { type Form, type FormField, fieldNamePattern, reservedFields } from './form.js';

type FieldValue = string | number | boolean;

const maxFields = 50;
const maxLength = 2000;

/** A form's own fields. Declared ones are held to their declaration; others are taken as they are, within limits. */
export function readFields(given: unknown, form: Form, errors: FieldError[]): Record<string, FieldValue> {
  const wrong = (name: string, code: string, message: string) =>
    void errors.push({ field: name === '' ? 'fields' : `fields.${name.slice(0, 100)}`, code, message });
  if (given !== undefined && given !== null && (typeof given !== 'object' || Array.isArray(given))) {
    wrong('', 'invalid_type', 'Must be of type object');
    return {};
  }
  const entries = Object.entries(given ?? {});
  if (entries.length > maxFields) {
    wrong('', 'too_many', `At most ${maxFields} fields`);
    return {};
  }
  const fields: Record<string, FieldValue> = {};
  const declared = new Map(form.fields.map((field) => [field.name, field]));
  let bytes = 0;
  for (const [name, value] of entries) {
    if (!fieldNamePattern.test(name)) wrong(name, 'invalid_name', 'This name cannot be taken');
    else if (reservedFields.has(name)) wrong(name, 'reserved_name', 'This name is taken by the event itself');
    else if (value !== null && value !== '') {
      const read = readValue(value, declared.get(name));
      if ('code' in read) wrong(name, read.code, read.message);
      else fields[name] = read.value;
      bytes += 'value' in read ? Buffer.byteLength(String(read.value)) : 0;
    }
  }
  if (bytes > eventLimits.fields) wrong('', 'too_long', `At most ${eventLimits.fields} bytes together`);
  for (const field of form.fields) {
    if (
      field.required &&
      !Object.hasOwn(fields, field.name) &&
      !errors.some((error) => error.field === `fields.${field.name}`)
    ) {
      wrong(field.name, 'required', 'This field is required');
    }
  }
  return fields;
}

type Read = { readonly value: FieldValue } | { readonly code: string; readonly message: string };

function readValue(value: unknown, field: FormField | undefined): Read {
  if (typeof value === 'string') {
    const cleaned = cleanText(value);
    if (cleaned.length > (field?.type === 'text' ? field.maxLength : maxLength)) {
      return { code: 'too_long', message: `At most ${field?.maxLength ?? maxLength} characters` };
    }
    return field === undefined ? { value: cleaned } : typed(cleaned, field);
  }
  if (typeof value !== 'boolean' && (typeof value !== 'number' || !Number.isFinite(value))) {
    return { code: 'invalid_type', message: 'Must be a text, a number or a truth value' };
  }
  if (field === undefined || field.type === typeof value) return { value };
  return { code: 'invalid_type', message: `Must be of type ${field.type}` };
}

/** HTML forms send texts: a declared type says what they stand for. */
function typed(value: string, field: FormField): Read {
  switch (field.type) {
    case 'text':
      return { value };
    case 'choice':
      return field.choices.some((choice) => choice.value === value)
        ? { value }
        : { code: 'not_a_choice', message: 'This is none of the choices' };
    case 'number': {
      const number = Number(value);
      return value.trim() !== '' && Number.isFinite(number)
        ? { value: number }
        : { code: 'invalid_type', message: 'Must be a number' };
    }
    case 'boolean':
      if (['true', 'on', '1'].includes(value)) return { value: true };
      if (['false', '0'].includes(value)) return { value: false };
      return { code: 'invalid_type', message: 'Must be a truth value' };
  }
}
