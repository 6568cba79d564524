import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsIn,
  IsOptional,
  IsString,
  IsUUID,
  Matches,
  MaxLength,
  MinLength,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { type IdentityKind, type TicketStatus, ticketStatuses } from '#contracts';
import { CleanText } from '../clean-text.js';
import { NamedDto } from '../tickets/ticket-list.dto.js';
import { SearchQuery, unlessNull } from './organization.dto.js';

const stated = ['email', 'phone'] as const;
const language = /^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}$/;
const lowerCase = ({ value }: { value: unknown }): unknown =>
  typeof value === 'string' ? value.trim().toLowerCase() : value;

export class CustomerQuery extends SearchQuery {
  @ApiPropertyOptional({ format: 'uuid' })
  @IsOptional()
  @IsUUID()
  organization?: string;
}

export class StatedIdentityDto {
  @ApiProperty({ enum: stated })
  @IsIn(stated)
  kind: IdentityKind;

  @ApiProperty({ description: 'Mail address, or number as E.164' })
  @Transform(lowerCase)
  @IsString()
  @MaxLength(320)
  @Matches(/^(?:[^\s<>@,;]{1,64}@[^\s<>@,;]{1,255}|\+[1-9]\d{6,14})$/, { message: 'must be a mail address or +84…' })
  value: string;
}

export class NewCustomerDto {
  @ApiProperty({ maxLength: 300 })
  @CleanText()
  @IsString()
  @MinLength(1)
  @MaxLength(300)
  name: string;

  @ApiPropertyOptional({ format: 'uuid' })
  @IsOptional()
  @IsUUID()
  organization?: string;

  @ApiPropertyOptional({ description: 'BCP 47', example: 'vi' })
  @IsOptional()
  @Matches(language, { message: 'must be a language tag' })
  language?: string;

  @ApiPropertyOptional({ type: [StatedIdentityDto] })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(20)
  @ValidateNested({ each: true })
  @Type(() => StatedIdentityDto)
  identities?: StatedIdentityDto[];
}

export class CustomerChangeDto {
  @ApiPropertyOptional({ maxLength: 300 })
  @IsOptional()
  @CleanText()
  @IsString()
  @MinLength(1)
  @MaxLength(300)
  name?: string;

  @ApiPropertyOptional({ format: 'uuid', nullable: true, type: String })
  @ValidateIf(unlessNull)
  @IsUUID()
  organization?: string | null;

  @ApiPropertyOptional({ nullable: true, type: String })
  @ValidateIf(unlessNull)
  @Matches(language, { message: 'must be a language tag' })
  language?: string | null;
}

export class CustomerMergeDto {
  @ApiProperty({ format: 'uuid', description: 'The customer that stands for both from now on' })
  @IsUUID()
  into: string;
}

export class CustomerIdentityDto {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty()
  kind: string;
  @ApiProperty()
  value: string;
  @ApiPropertyOptional({ description: 'The name it was first seen with' })
  displayName?: string;
  @ApiProperty({ description: 'Whether a provider or the mail system ever vouched for it' })
  verified: boolean;
}

export class CustomerItemDto {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiPropertyOptional()
  name?: string;
  @ApiPropertyOptional({ type: NamedDto })
  organization?: NamedDto;
  @ApiPropertyOptional()
  segment?: string;
  @ApiPropertyOptional()
  language?: string;
  @ApiProperty({ type: [CustomerIdentityDto] })
  identities: CustomerIdentityDto[];
  @ApiProperty({ format: 'date-time' })
  createdAt: string;
  @ApiProperty({ format: 'date-time' })
  updatedAt: string;
}

export class CustomerTicketDto {
  @ApiProperty({ example: 'PH-1024' })
  number: string;
  @ApiProperty({ enum: ticketStatuses })
  status: TicketStatus;
  @ApiProperty()
  channel: string;
  @ApiPropertyOptional({ description: 'Absent when the ticket is restricted' })
  subject?: string;
  @ApiProperty({ description: "Another team's: that there is one is shown, not what it is about" })
  restricted: boolean;
  @ApiProperty({ format: 'date-time' })
  createdAt: string;
}

export class CustomerDto extends CustomerItemDto {
  @ApiProperty({ type: [CustomerTicketDto], description: 'The newest 50' })
  tickets: CustomerTicketDto[];
}

export class CustomerListDto {
  @ApiProperty({ type: [CustomerItemDto] })
  items: CustomerItemDto[];
  @ApiPropertyOptional()
  nextCursor?: string;
}
