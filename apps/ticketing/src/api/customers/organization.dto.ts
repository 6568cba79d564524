import { ApiProperty, ApiPropertyOptional, PartialType } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsOptional,
  IsString,
  IsUUID,
  Matches,
  MaxLength,
  MinLength,
  ValidateIf,
} from 'class-validator';
import { PageQuery } from '../list.dto.js';
import { CleanText } from '../clean-text.js';
import { NamedDto } from '../tickets/ticket-list.dto.js';

export const unlessNull = (_: object, value: unknown) => value !== null && value !== undefined;
const lowerCase = ({ value }: { value: unknown }): unknown =>
  Array.isArray(value) ? value.map((item: unknown) => (typeof item === 'string' ? item.toLowerCase() : item)) : value;

export class SearchQuery extends PageQuery {
  @ApiPropertyOptional({ description: 'Part of a name, with or without diacritics' })
  @IsOptional()
  @CleanText()
  @IsString()
  @MinLength(2)
  @MaxLength(200)
  q?: string;
}

export class NewOrganizationDto {
  @ApiProperty({ maxLength: 300 })
  @CleanText()
  @IsString()
  @MinLength(1)
  @MaxLength(300)
  name: string;

  @ApiPropertyOptional({ description: 'Type of unit', nullable: true, type: String })
  @ValidateIf(unlessNull)
  @CleanText()
  @IsString()
  @MaxLength(100)
  type?: string | null;

  @ApiPropertyOptional({ example: 'khối hành chính sự nghiệp', nullable: true, type: String })
  @ValidateIf(unlessNull)
  @CleanText()
  @IsString()
  @MaxLength(100)
  segment?: string | null;

  @ApiPropertyOptional({ nullable: true, type: String })
  @ValidateIf(unlessNull)
  @CleanText()
  @IsString()
  @MaxLength(100)
  district?: string | null;

  @ApiPropertyOptional({ format: 'uuid', description: 'Agent who looks after it', nullable: true, type: String })
  @ValidateIf(unlessNull)
  @IsUUID()
  accountManager?: string | null;

  @ApiPropertyOptional({ type: [String], description: 'Mail domains whose authors belong to it' })
  @IsOptional()
  @Transform(lowerCase)
  @IsArray()
  @ArrayMaxSize(100)
  @Matches(/^(?=.{1,253}$)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+$/, { each: true, message: 'each must be a domain' })
  domains?: string[];
}

export class OrganizationChangeDto extends PartialType(NewOrganizationDto, { skipNullProperties: false }) {}

export class OrganizationDto {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty()
  name: string;
  @ApiPropertyOptional()
  type?: string;
  @ApiPropertyOptional()
  segment?: string;
  @ApiPropertyOptional()
  district?: string;
  @ApiPropertyOptional({ type: NamedDto })
  accountManager?: NamedDto;
  @ApiProperty({ type: [String] })
  domains: string[];
  @ApiProperty({ format: 'date-time' })
  createdAt: string;
  @ApiProperty({ format: 'date-time' })
  updatedAt: string;
}

export class OrganizationListDto {
  @ApiProperty({ type: [OrganizationDto] })
  items: OrganizationDto[];
  @ApiPropertyOptional()
  nextCursor?: string;
}
