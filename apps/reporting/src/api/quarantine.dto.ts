import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateBy,
} from 'class-validator';
import { letterStates } from '../store/quarantine.repository.js';
import { isAskedTime, resolveTime } from './asked-time.js';

/** Names and registry words, never a pattern of the database. */
const word = /^[\p{L}\p{N}][\p{L}\p{N}_.:@+-]*$/u;

/** Milliseconds since 1970 of what a filter calls a time; undefined where it is none. */
export const timeOf = (asked: unknown): number | undefined =>
  typeof asked === 'string' && isAskedTime(asked) ? resolveTime(asked, 'UTC') : undefined;

const time = 'a date (the start of that day, UTC) or an RFC 3339 instant';
const IsTime = () =>
  ValidateBy({
    name: 'isTime',
    validator: {
      validate: (value) => timeOf(value) !== undefined,
      defaultMessage: (about) => `${about?.property ?? 'it'} must be ${time}`,
    },
  });

/** Which dead letters are meant. */
export class LetterFilterDto {
  @ApiPropertyOptional({ description: 'the app that could not take it' })
  @IsOptional()
  @IsString()
  @MaxLength(60)
  @Matches(word)
  app?: string;

  @ApiPropertyOptional({ example: 'schema_violation' })
  @IsOptional()
  @IsString()
  @MaxLength(40)
  @Matches(word)
  reason?: string;

  @ApiPropertyOptional({ description: 'by which it came in; of a consumer, as the envelope of the event says' })
  @IsOptional()
  @IsString()
  @MaxLength(40)
  @Matches(word)
  channel?: string;

  @ApiPropertyOptional({ description: 'the channel account by which it came in' })
  @IsOptional()
  @IsString()
  @MaxLength(100)
  @Matches(word)
  account?: string;

  @ApiPropertyOptional({ description: 'of a consumer: the topic on which it lay' })
  @IsOptional()
  @IsString()
  @MaxLength(200)
  @Matches(word)
  topic?: string;

  @ApiPropertyOptional({ description: `written then or later: ${time}` })
  @IsOptional()
  @IsTime()
  from?: string;

  @ApiPropertyOptional({ description: `written before: ${time}` })
  @IsOptional()
  @IsTime()
  to?: string;
}

export class LetterListQuery extends LetterFilterDto {
  @ApiPropertyOptional({ enum: letterStates, default: 'waiting' })
  @IsOptional()
  @IsIn(letterStates)
  state: (typeof letterStates)[number] = 'waiting';

  @ApiPropertyOptional({ description: '`nextCursor` of the page before, unchanged' })
  @IsOptional()
  @IsString()
  @MaxLength(500)
  cursor?: string;

  @ApiPropertyOptional({ minimum: 1, maximum: 200, default: 50 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(200)
  limit: number = 50;
}

const reason = { description: 'why; kept with the letter', minLength: 3, maxLength: 1000 };

export class DiscardDto {
  @ApiProperty(reason)
  @IsString()
  @MinLength(3)
  @MaxLength(1000)
  because: string;
}

export class ReplayManyDto extends LetterFilterDto {
  @ApiPropertyOptional(reason)
  @IsOptional()
  @IsString()
  @MaxLength(1000)
  because?: string;
}

export class DiscardManyDto extends LetterFilterDto {
  @ApiProperty(reason)
  @IsString()
  @MinLength(3)
  @MaxLength(1000)
  because: string;
}
