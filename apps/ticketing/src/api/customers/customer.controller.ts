import { Body, Controller, Get, HttpCode, Inject, Param, ParseUUIDPipe, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CurrentUser, type Principal, Roles } from '#auth';
import { ticketNumber } from '../../domain/ticket.js';
import { CustomerRepository, type CustomerRow, type CustomerTicketRow } from '../../store/customer.repository.js';
import { isWithin, type TicketScope } from '../../store/scope.js';
import { TICKET_PREFIX } from '../../store/ticket-unit.js';
import { Cursors } from '../cursors.js';
import { Problems } from '../documentation.js';
import { pageOf } from '../list.dto.js';
import { TicketAccess } from '../ticket-access.js';
import { present } from '../tickets/ticket-view.js';
import {
  CustomerChangeDto,
  CustomerDto,
  CustomerItemDto,
  CustomerListDto,
  CustomerMergeDto,
  CustomerQuery,
  CustomerTicketDto,
  NewCustomerDto,
} from './customer.dto.js';
import { CustomerService } from './customer.service.js';

const shownTickets = 50;

@ApiTags('customers')
@ApiBearerAuth()
@Roles('agent', 'supervisor', 'admin')
@Controller('api/v1/customers')
export class CustomerController {
  constructor(
    private readonly service: CustomerService,
    private readonly customers: CustomerRepository,
    private readonly access: TicketAccess,
    private readonly cursors: Cursors,
    @Inject(TICKET_PREFIX) private readonly prefix: string,
  ) {}

  @ApiOperation({
    summary: 'Customers, newest first; q looks in names, addresses and what their tickets are labelled with',
  })
  @ApiOkResponse({ type: CustomerListDto })
  @Problems({ 400: ['cursor_invalid'] })
  @Roles('agent', 'supervisor', 'analyst', 'admin')
  @Get()
  async list(@Query() { q, organization, cursor, limit }: CustomerQuery): Promise<CustomerListDto> {
    const question = { list: 'customers', q, organization };
    const codec = await this.cursors.codec();
    const after = cursor === undefined ? undefined : codec.decode(question, cursor);
    const rows = await this.customers.list({ q, organization, after, limit: limit + 1 });
    return pageOf(rows, limit, {
      item: customerItem,
      cursor: ({ createdKey, id }) => codec.encode(question, [createdKey, id]),
    });
  }

  @ApiOperation({
    summary: 'One customer with the newest tickets; a merged one redirects to the other',
    description: "Of other teams' tickets an agent sees that they exist and how they stand, not what they are about.",
  })
  @ApiOkResponse({ type: CustomerDto })
  @ApiResponse({ status: 308, description: 'Merged: Location is the customer that stands for it' })
  @Problems({ 404: ['customer_unknown'] })
  @Roles('agent', 'supervisor', 'analyst', 'admin')
  @Get(':id')
  async get(
    @Param('id', ParseUUIDPipe) id: string,
    @CurrentUser() user: Principal,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const customer = await this.service.find(id);
    if (customer.mergedInto === null) void reply.send(await this.withTickets(customer, user));
    else void reply.status(308).header('location', `/api/v1/customers/${customer.mergedInto}`).send();
  }

  @ApiOperation({ summary: 'Add a customer' })
  @ApiCreatedResponse({ type: CustomerDto })
  @Problems({ 409: ['conflict'], 422: ['organization_unknown'] })
  @Post()
  async add(@Body() body: NewCustomerDto, @CurrentUser() user: Principal): Promise<CustomerDto> {
    return this.withTickets(await this.service.add(user, body), user);
  }

  @ApiOperation({ summary: 'Change a customer; a new organization goes to the tickets that are not closed' })
  @ApiOkResponse({ type: CustomerDto })
  @Problems({ 404: ['customer_unknown'], 409: ['customer_merged'], 422: ['organization_unknown'] })
  @Patch(':id')
  async change(
    @Param('id', ParseUUIDPipe) id: string,
    @Body() body: CustomerChangeDto,
    @CurrentUser() user: Principal,
  ): Promise<CustomerDto> {
    return this.withTickets(await this.service.change(user, id, body), user);
  }

  @ApiOperation({ summary: 'Merge this customer into another: identities and tickets go there' })
  @ApiOkResponse({ type: CustomerDto })
  @Problems({ 404: ['customer_unknown'], 409: ['customer_merged'], 422: ['same_customer'] })
  @HttpCode(200)
  @Post(':id/merge')
  async merge(
    @Param('id', ParseUUIDPipe) id: string,
    @Body() { into }: CustomerMergeDto,
    @CurrentUser() user: Principal,
  ): Promise<CustomerDto> {
    return this.withTickets(await this.service.merge(user, id, into), user);
  }

  private async withTickets(customer: CustomerRow, user: Principal): Promise<CustomerDto> {
    const [scope, tickets] = await Promise.all([
      this.access.scopeOf(user),
      this.customers.tickets(customer.id, shownTickets),
    ]);
    return { ...customerItem(customer), tickets: tickets.map((ticket) => ticketLine(ticket, scope, this.prefix)) };
  }
}

function ticketLine(row: CustomerTicketRow, scope: TicketScope, prefix: string): CustomerTicketDto {
  const restricted = !isWithin(scope, row);
  return {
    number: ticketNumber(prefix, row.number),
    status: row.status,
    channel: row.channel,
    restricted,
    createdAt: row.createdAt.toISOString(),
    ...present({ subject: restricted ? undefined : row.subject }),
  };
}

function customerItem(row: CustomerRow): CustomerItemDto {
  const organization =
    row.organizationId === null ? undefined : { id: row.organizationId, name: row.organizationName ?? '' };
  return {
    id: row.id,
    identities: row.identities.map(({ displayName, ...identity }) => ({ ...identity, ...present({ displayName }) })),
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
    ...present({ name: row.name, organization, segment: row.segment, language: row.language }),
  };
}
