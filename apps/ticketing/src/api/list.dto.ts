import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';

const pageLimits = { default: 50, most: 200 } as const;

/** What every list takes. */
export class PageQuery {
  @ApiPropertyOptional({ description: '`nextCursor` of the page before, unchanged, with the same question' })
  @IsOptional()
  @IsString()
  @MaxLength(500)
  cursor?: string;

  @ApiPropertyOptional({ minimum: 1, maximum: pageLimits.most, default: pageLimits.default })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(pageLimits.most)
  limit: number = pageLimits.default;
}

/** Reads `a,b` and `x=a&x=b` alike. Anything but text stays as it is, for the validator to refuse. */
export function CommaList() {
  return Transform(({ value }: { value: unknown }): unknown => {
    if (typeof value === 'string') return value.split(',');
    const isTexts = Array.isArray(value) && value.every((item) => typeof item === 'string');
    return isTexts ? value.flatMap((item) => item.split(',')) : value;
  });
}

/** Cuts a page that was read with one item too many, so that the last page is known to be the last. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  limit: number,
  to: { item: (row: Row) => Item; cursor: (last: Row) => string },
): { items: Item[]; nextCursor?: string } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(to.item),
    ...(rows.length > limit && last !== undefined ? { nextCursor: to.cursor(last) } : {}),
  };
}
