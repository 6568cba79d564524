/** Readers of what providers send: nothing in it is trusted to have the type that its documentation says. */
export type JsonObject = { readonly [key: string]: unknown };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An own member; `constructor` and the like are no members of a message. */
function member(of: JsonObject, key: string): unknown {
  return Object.hasOwn(of, key) ? of[key] : undefined;
}

export function objectIn(of: JsonObject | undefined, key: string): JsonObject | undefined {
  const value = of === undefined ? undefined : member(of, key);
  return isObject(value) ? value : undefined;
}

/** Empty where there is no list. */
export function listIn(of: JsonObject | undefined, key: string): readonly unknown[] {
  const value = of === undefined ? undefined : member(of, key);
  return Array.isArray(value) ? value : [];
}

/** Text with something in it. */
export function textIn(of: JsonObject | undefined, key: string): string | undefined {
  const value = of === undefined ? undefined : member(of, key);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

const maxIdLength = 400;

/** An id as text: digits stay exact because numbers beyond 2^53 were read as text. */
export function idIn(of: JsonObject | undefined, key: string): string | undefined {
  const value = of === undefined ? undefined : member(of, key);
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : undefined;
  if (typeof value !== 'string' || value.length > maxIdLength) return undefined;
  return /^[\x21-\x7e]+$/.test(value) ? value : undefined;
}

/** The ids of a list; what is none is passed over. */
export function idsIn(of: JsonObject | undefined, key: string): string[] {
  return listIn(of, key).flatMap((id) => idIn({ id }, 'id') ?? []);
}

/** A number, also one that came as text. */
export function numberIn(of: JsonObject | undefined, key: string): number | undefined {
  const value = of === undefined ? undefined : member(of, key);
  const number = typeof value === 'string' && /^-?\d{1,20}(\.\d{1,10})?$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

export function has(of: JsonObject | undefined, key: string): boolean {
  return of !== undefined && member(of, key) !== undefined;
}
