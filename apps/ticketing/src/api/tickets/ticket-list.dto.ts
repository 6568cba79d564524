import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, IsUUID, Matches, MaxLength, MinLength } from 'class-validator';
import {
  type Channel,
  channels,
  type TicketPriority,
  type TicketStatus,
  ticketPriorities,
  ticketStatuses,
} from '#contracts';
import { type TicketSort, ticketSorts } from '../../store/ticket-order.js';
import { IsInstant } from '../instant.js';
import { CleanText } from '../clean-text.js';
import { CommaList, PageQuery } from '../list.dto.js';

const idOrNone = /^(?:none|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})$/i;
const idOrNoneMessage = { message: 'must be an id, or none' };
const mine = /^(?:none|me|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})$/i;

/** The question that a list of tickets answers. */
export class TicketListQuery extends PageQuery {
  @ApiPropertyOptional({
    enum: ticketStatuses,
    isArray: true,
    description: 'Any of these, repeated or separated by commas',
  })
  @IsOptional()
  @CommaList()
  @IsIn(ticketStatuses, { each: true })
  status?: TicketStatus[];

  @ApiPropertyOptional({ enum: channels, isArray: true, description: 'Any of these, repeated or separated by commas' })
  @IsOptional()
  @CommaList()
  @IsIn(channels, { each: true })
  channel?: Channel[];

  @ApiPropertyOptional({
    enum: ticketPriorities,
    isArray: true,
    description: 'Any of these, repeated or separated by commas',
  })
  @IsOptional()
  @CommaList()
  @IsIn(ticketPriorities, { each: true })
  priority?: TicketPriority[];

  @ApiPropertyOptional({ description: 'Id, or `none`' })
  @IsOptional()
  @Matches(idOrNone, idOrNoneMessage)
  team?: string;

  @ApiPropertyOptional({ description: 'Id, `me`, or `none`' })
  @IsOptional()
  @Matches(mine, { message: 'must be an id, me or none' })
  agent?: string;

  @ApiPropertyOptional({ description: 'Id, or `none`' })
  @IsOptional()
  @Matches(idOrNone, idOrNoneMessage)
  category?: string;

  @ApiPropertyOptional({ format: 'uuid' })
  @IsOptional()
  @IsUUID()
  customer?: string;

  @ApiPropertyOptional({
    description:
      'Words, with or without diacritics: in number, reference, subject, names and addresses (parts of words too), or in the messages (whole words). New text is found within seconds.',
  })
  @IsOptional()
  @CleanText()
  @IsString()
  @MinLength(2)
  @MaxLength(200)
  q?: string;

  @ApiPropertyOptional({ type: String, format: 'date-time', description: 'Created at or after' })
  @IsOptional()
  @IsInstant()
  from?: Date;

  @ApiPropertyOptional({ type: String, format: 'date-time', description: 'Created before' })
  @IsOptional()
  @IsInstant()
  to?: Date;

  @ApiPropertyOptional({
    enum: ticketSorts,
    default: '-number',
    description: '`windowClosesAt`: what must be answered first, those without a window last',
  })
  @IsOptional()
  @IsIn(ticketSorts)
  sort: TicketSort = '-number';
}

export class NamedDto {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty()
  name: string;
}

export class TicketCustomerDto {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiPropertyOptional()
  name?: string;
  @ApiPropertyOptional({ description: 'Where an answer goes; absent for anonymous forms' })
  address?: string;
}

export class TicketItemDto {
  @ApiProperty({ example: 'PH-1024' })
  number: string;
  @ApiProperty({ enum: ticketStatuses })
  status: TicketStatus;
  @ApiProperty({ enum: ticketPriorities })
  priority: TicketPriority;
  @ApiProperty({ enum: channels })
  channel: Channel;
  @ApiProperty({ description: 'Our mailbox or form' })
  account: string;
  @ApiPropertyOptional()
  subject?: string;
  @ApiProperty({ type: TicketCustomerDto })
  customer: TicketCustomerDto;
  @ApiPropertyOptional({ type: NamedDto })
  team?: NamedDto;
  @ApiPropertyOptional({ type: NamedDto })
  agent?: NamedDto;
  @ApiPropertyOptional({ type: NamedDto })
  category?: NamedDto;
  @ApiProperty({ type: [String] })
  tags: string[];
  @ApiPropertyOptional({ description: 'The reference that a web form gave', example: 'F-0123456789A' })
  reference?: string;
  @ApiProperty({ format: 'date-time' })
  createdAt: string;
  @ApiProperty({ format: 'date-time' })
  updatedAt: string;
  @ApiPropertyOptional({ format: 'date-time' })
  resolvedAt?: string;
  @ApiPropertyOptional({
    format: 'date-time',
    description: 'When the network that the customer used last takes no answer any more; absent where it always does',
  })
  windowClosesAt?: string;
}

export class TicketListDto {
  @ApiProperty({ type: [TicketItemDto] })
  items: TicketItemDto[];
  @ApiPropertyOptional()
  nextCursor?: string;
}
