import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsOptional,
  IsString,
  IsUUID,
  Matches,
  MaxLength,
  MinLength,
  ValidateIf,
} from 'class-validator';
import {
  type Channel,
  channels,
  replyFamily,
  type TicketPriority,
  type TicketStatus,
  ticketPriorities,
  ticketStatuses,
} from '#contracts';
import { CleanText } from '../clean-text.js';

/** Statuses that people may set; a ticket is new only when it comes. */
const settable = ticketStatuses.filter((status) => status !== 'new');
const answerable = channels.filter((channel) => replyFamily(channel) !== undefined);
const uuid = '[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}';
const idOrMe = new RegExp(`^(?:me|${uuid})$`, 'i');
const unlessNull = (_: object, value: unknown) => value !== null && value !== undefined;

/** Undefined is "leave it", null is "take it away". */
const OrNull = () => ValidateIf(unlessNull);

export class AssignDto {
  @ApiPropertyOptional({ format: 'uuid', nullable: true, type: String })
  @OrNull()
  @IsUUID()
  team?: string | null;

  @ApiPropertyOptional({ description: 'Id, `me`, or null', nullable: true, type: String })
  @OrNull()
  @Matches(idOrMe, { message: 'must be an id or me' })
  agent?: string | null;
}

export class TicketPatchDto extends AssignDto {
  @ApiPropertyOptional({ enum: settable })
  @IsOptional()
  @IsIn(settable)
  status?: TicketStatus;

  @ApiPropertyOptional({ enum: ticketPriorities })
  @IsOptional()
  @IsIn(ticketPriorities)
  priority?: TicketPriority;

  @ApiPropertyOptional({ format: 'uuid', nullable: true, type: String })
  @OrNull()
  @IsUUID()
  category?: string | null;

  @ApiPropertyOptional({ type: [String], description: 'All tags that the ticket shall have' })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(50)
  @IsString({ each: true })
  @Matches(/^[\p{L}\p{N}][\p{L}\p{N} _.:-]{0,59}$/u, {
    each: true,
    message: 'each tag must be 1 to 60 letters, digits, spaces, _ . : -',
  })
  tags?: string[];
}

export class ReplyDto {
  @ApiProperty({ description: 'Plain text', maxLength: 20_000 })
  @CleanText()
  @IsString()
  @MinLength(1)
  // 20,000 characters are at most 60 KB of UTF-8: within the 64 KiB of a reply on the log.
  @MaxLength(20_000)
  text: string;

  @ApiPropertyOptional({ enum: settable, description: 'Status after the answer; pending unless stated' })
  @IsOptional()
  @IsIn(settable)
  status?: TicketStatus;

  @ApiPropertyOptional({ format: 'uuid', description: 'Send again: the reply that this one repeats' })
  @IsOptional()
  @IsUUID()
  repeats?: string;

  @ApiPropertyOptional({
    enum: answerable,
    description: 'By this channel, instead of the one that `answer` of the ticket names',
  })
  @IsOptional()
  @IsIn(answerable)
  channel?: Channel;

  @ApiPropertyOptional({
    type: [String],
    format: 'uuid',
    description:
      'Files: ids from POST /api/v1/attachments, each good for one answer; the channel may take fewer or smaller ones',
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(100)
  @ArrayUnique()
  @IsUUID(undefined, { each: true })
  attachments?: string[];
}

export class NoteTextDto {
  @ApiProperty({ maxLength: 20_000 })
  @CleanText()
  @IsString()
  @MinLength(1)
  @MaxLength(20_000)
  text: string;
}

export class MergeDto {
  @ApiProperty({ description: 'Number of the ticket that stands for both from now on', example: 'PH-1023' })
  @IsString()
  @MaxLength(40)
  into: string;
}

export class WrittenDto {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ example: 'PH-1024' })
  ticket: string;
  @ApiProperty({ format: 'date-time' })
  at: string;
}

export class ReplyAcceptedDto extends WrittenDto {
  @ApiProperty({ enum: ['requested'], description: "What becomes of it stands in the ticket: the message's delivery" })
  state: 'requested';
}

export class MergedDto {
  @ApiProperty({ example: 'PH-1023' })
  number: string;
}
