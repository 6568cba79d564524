/** One field that breaks a rule. `code` is stable; the hosted page translates it, `message` is for developers. */
export interface FieldError {
  readonly field: string;
  readonly code: string;
  readonly message: string;
}

export interface FormRefusal {
  readonly kind: 'malformed' | 'unsupported_media' | 'invalid';
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly FieldError[];
}

export type Checked<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly refusal: FormRefusal };

export function refuse(kind: FormRefusal['kind'], code: string, detail: string): Checked<never> {
  return { ok: false, refusal: { kind, code, detail } };
}

export function refuseFields(errors: readonly FieldError[]): Checked<never> {
  const detail = 'Some fields are missing or wrong';
  return { ok: false, refusal: { kind: 'invalid', code: 'validation_failed', detail, errors } };
}
