import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CurrentUser, type Principal, Roles } from '#auth';
import { Problems } from '../documentation.js';
import { entityTag } from '../entity-tag.js';
import { PageQuery } from '../list.dto.js';
import { MessageListDto, TicketDto } from './ticket.dto.js';
import { TicketReader } from './ticket.reader.js';
import { TicketListDto, TicketListQuery } from './ticket-list.dto.js';

@ApiTags('tickets')
@ApiBearerAuth()
@Roles('agent', 'supervisor', 'analyst', 'admin')
@Controller('api/v1/tickets')
export class TicketController {
  constructor(private readonly reader: TicketReader) {}

  @ApiOperation({
    summary: 'Tickets that the caller may see',
    description:
      'Agents see the tickets of their teams, those that no team has yet, and their own. Merged tickets are not listed.',
  })
  @ApiOkResponse({ type: TicketListDto })
  @Problems({ 400: ['cursor_invalid'] })
  @Get()
  list(@Query() query: TicketListQuery, @CurrentUser() user: Principal): Promise<TicketListDto> {
    return this.reader.list(query, user);
  }

  @ApiOperation({ summary: 'One ticket with messages, notes and timeline; a merged one redirects to the other' })
  @ApiOkResponse({ type: TicketDto, headers: { ETag: { description: 'For If-Match', schema: { type: 'string' } } } })
  @ApiResponse({ status: 308, description: 'Merged: Location is the ticket that stands for it' })
  @Problems({ 404: ['ticket_unknown'] })
  @Get(':number')
  async get(
    @Param('number') number: string,
    @CurrentUser() user: Principal,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const found = await this.reader.find(number, user);
    if (found.kind === 'merged') {
      void reply.status(308).header('location', `/api/v1/tickets/${found.into}`).send();
      return;
    }
    void reply.header('etag', entityTag(found.ticket.sequence)).send(found.ticket);
  }

  @ApiOperation({ summary: 'Earlier messages of a ticket with many' })
  @ApiOkResponse({ type: MessageListDto })
  @Problems({ 400: ['cursor_invalid'], 404: ['ticket_unknown'] })
  @Get(':number/messages')
  messages(
    @Param('number') number: string,
    @Query() query: PageQuery,
    @CurrentUser() user: Principal,
  ): Promise<MessageListDto> {
    return this.reader.messages(number, query, user);
  }
}
