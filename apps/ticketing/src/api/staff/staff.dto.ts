import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsEmail,
  IsIn,
  IsOptional,
  IsString,
  IsUUID,
  MaxLength,
  MinLength,
  ValidateIf,
} from 'class-validator';
import { type Role, roles } from '#contracts';
import { PageQuery } from '../list.dto.js';
import { CleanText } from '../clean-text.js';
import { NamedDto } from '../tickets/ticket-list.dto.js';

const asBoolean = ({ value }: { value: unknown }): unknown =>
  value === 'true' ? true : value === 'false' ? false : value;

export class StaffListQuery extends PageQuery {
  @ApiPropertyOptional({ type: Boolean })
  @IsOptional()
  @Transform(asBoolean)
  @IsBoolean()
  active?: boolean;
}

class NameDto {
  @ApiProperty({ maxLength: 200 })
  @CleanText()
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  name: string;
}

class ChangeDto {
  @ApiPropertyOptional({ maxLength: 200 })
  @IsOptional()
  @CleanText()
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  name?: string;

  @ApiPropertyOptional({ description: 'What is not active cannot be chosen any more; history keeps it' })
  @IsOptional()
  @IsBoolean()
  active?: boolean;
}

export class NewTeamDto extends NameDto {
  @ApiPropertyOptional({ type: [String], format: 'uuid' })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(1000)
  @IsUUID(undefined, { each: true })
  agents?: string[];
}

export class TeamChangeDto extends ChangeDto {
  @ApiPropertyOptional({ type: [String], format: 'uuid', description: 'All members that the team shall have' })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(1000)
  @IsUUID(undefined, { each: true })
  agents?: string[];
}

export class NewAgentDto extends NameDto {
  @ApiProperty({ format: 'email' })
  @IsEmail()
  @MaxLength(320)
  email: string;

  @ApiPropertyOptional({ format: 'password', minLength: 12, description: 'Without one the agent cannot sign in yet' })
  @IsOptional()
  @IsString()
  @MinLength(12)
  @MaxLength(256)
  password?: string;

  @ApiPropertyOptional({ enum: roles, default: 'agent', description: 'Only admins give another role than agent' })
  @IsOptional()
  @IsIn(roles)
  role?: Role;

  @ApiPropertyOptional({ type: [String], format: 'uuid' })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(100)
  @IsUUID(undefined, { each: true })
  teams?: string[];
}

export class AgentChangeDto extends ChangeDto {
  @ApiPropertyOptional({ format: 'password', minLength: 12, description: 'Ends all sessions' })
  @IsOptional()
  @IsString()
  @MinLength(12)
  @MaxLength(256)
  password?: string;

  @ApiPropertyOptional({ enum: roles, description: 'By admins only; ends all sessions' })
  @IsOptional()
  @IsIn(roles)
  role?: Role;

  @ApiPropertyOptional({ type: [String], format: 'uuid', description: 'All teams that the agent shall be in' })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(100)
  @IsUUID(undefined, { each: true })
  teams?: string[];
}

export class NewCategoryDto extends NameDto {
  @ApiPropertyOptional({ format: 'uuid' })
  @IsOptional()
  @IsUUID()
  parent?: string;
}

export class CategoryChangeDto extends ChangeDto {
  @ApiPropertyOptional({ format: 'uuid', nullable: true, type: String })
  @ValidateIf((_: object, value: unknown) => value !== null && value !== undefined)
  @IsUUID()
  parent?: string | null;
}

class StoredDto {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty()
  name: string;
  @ApiProperty()
  active: boolean;
  @ApiProperty({ format: 'date-time' })
  createdAt: string;
}

export class TeamDto extends StoredDto {
  @ApiProperty({ type: [NamedDto] })
  agents: NamedDto[];
}

export class AgentDto extends StoredDto {
  @ApiProperty()
  email: string;
  @ApiPropertyOptional({ enum: roles, description: 'Absent: cannot sign in' })
  role?: Role;
  @ApiProperty({ type: [NamedDto] })
  teams: NamedDto[];
}

export class CategoryDto extends StoredDto {
  @ApiPropertyOptional({ format: 'uuid' })
  parent?: string;
}

export class TeamListDto {
  @ApiProperty({ type: [TeamDto] })
  items: TeamDto[];
  @ApiPropertyOptional()
  nextCursor?: string;
}

export class AgentListDto {
  @ApiProperty({ type: [AgentDto] })
  items: AgentDto[];
  @ApiPropertyOptional()
  nextCursor?: string;
}

export class CategoryListDto {
  @ApiProperty({ type: [CategoryDto] })
  items: CategoryDto[];
  @ApiPropertyOptional()
  nextCursor?: string;
}
