import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { registerDecorator } from 'class-validator';

const form = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2}))?$/;
const earliest = Date.UTC(2000, 0, 1);
const latest = Date.UTC(2100, 0, 1);

/** The instant of RFC 3339 text, or of a date (its midnight in UTC), between 2000 and 2100; undefined for anything else. */
export function readInstant(text: string): Date | undefined {
  const match = form.exec(text);
  if (match === null) return undefined;
  const instant = new Date(text);
  const at = instant.getTime();
  if (Number.isNaN(at) || at < earliest || at >= latest) return undefined;
  // Date takes 31 February for 3 March.
  const [year, month, day] = match.slice(1, 4).map(Number) as [number, number, number];
  return new Date(Date.UTC(year, month - 1, day)).getUTCDate() === day ? instant : undefined;
}

/** A property that takes an instant as text and holds it as a Date. */
export function IsInstant() {
  return applyDecorators(
    Transform(({ value }: { value: unknown }): unknown =>
      typeof value === 'string' ? (readInstant(value) ?? value) : value,
    ),
    (target: object, propertyName: string | symbol | undefined) =>
      registerDecorator({
        name: 'isInstant',
        target: target.constructor,
        propertyName: String(propertyName),
        validator: {
          validate: (value: unknown) => value instanceof Date,
          defaultMessage: () => 'must be a date or an RFC 3339 time with offset, between 2000 and 2100',
        },
      }),
  );
}
