import { Body, Controller, Headers, HttpCode, Param, Patch, Post, Req, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBearerAuth,
  ApiCreatedResponse,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CurrentUser, type Principal, Roles } from '#auth';
import { idempotencyKey } from '#http';
import { Problems } from '../documentation.js';
import { entityTag, expectedSequence } from '../entity-tag.js';
import { TicketDto } from './ticket.dto.js';
import { TicketCommands } from './ticket.commands.js';
import { TicketReader } from './ticket.reader.js';
import {
  AssignDto,
  MergeDto,
  MergedDto,
  NoteTextDto,
  ReplyAcceptedDto,
  ReplyDto,
  TicketPatchDto,
  WrittenDto,
} from './ticket-command.dto.js';
import { TicketWriting } from './ticket-writing.js';

const refusals = ['ticket_closed', 'ticket_merged'];
const keyProblems = { 400: ['idempotency_key_required', 'idempotency_key_invalid'] };
const IdempotencyKeyHeader = () =>
  ApiHeader({
    name: 'Idempotency-Key',
    required: true,
    description: 'Repeat with the same key and body, and it happens once; kept for 7 days',
  });

/** Writes the key as it was sent; the decorator of the route has it documented. */
const keyOf = (request: FastifyRequest) => idempotencyKey(request, { required: true }) ?? '';

@ApiTags('tickets')
@ApiBearerAuth()
@Roles('agent', 'supervisor', 'admin')
@Controller('api/v1/tickets/:number')
export class TicketCommandController {
  constructor(
    private readonly commands: TicketCommands,
    private readonly writing: TicketWriting,
    private readonly reader: TicketReader,
  ) {}

  @ApiOperation({ summary: 'Change status, priority, category, team, agent or tags' })
  @ApiHeader({ name: 'If-Match', required: true, description: 'The ETag that was read' })
  @ApiOkResponse({ type: TicketDto })
  @Problems({
    400: ['if_match_invalid'],
    404: ['ticket_unknown'],
    409: ['transition_not_allowed', ...refusals],
    412: ['ticket_changed'],
    422: ['team_unknown', 'agent_unknown', 'category_unknown'],
    428: ['if_match_required'],
  })
  @Patch()
  async change(
    @Param('number') number: string,
    @Headers('if-match') ifMatch: string | undefined,
    @Body() patch: TicketPatchDto,
    @CurrentUser() user: Principal,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.commands.change(number, user, patch, expectedSequence(ifMatch));
    await this.show(number, user, reply);
  }

  @ApiOperation({ summary: 'Give the ticket to a team or an agent; If-Match is heeded when it is there' })
  @ApiHeader({ name: 'If-Match', required: false })
  @ApiOkResponse({ type: TicketDto })
  @Problems({ 404: ['ticket_unknown'], 409: refusals, 412: ['ticket_changed'], 422: ['team_unknown', 'agent_unknown'] })
  @HttpCode(200)
  @Post('assign')
  async assign(
    @Param('number') number: string,
    @Headers('if-match') ifMatch: string | undefined,
    @Body() assignment: AssignDto,
    @CurrentUser() user: Principal,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const expected = ifMatch === undefined ? undefined : expectedSequence(ifMatch);
    await this.commands.change(number, user, assignment, expected);
    await this.show(number, user, reply);
  }

  @ApiOperation({
    summary: 'Answer the customer where he last wrote, else where he can be reached; final once it is taken',
  })
  @IdempotencyKeyHeader()
  @ApiAcceptedResponse({ type: ReplyAcceptedDto })
  @Problems({
    ...keyProblems,
    404: ['ticket_unknown'],
    409: ['transition_not_allowed', ...refusals],
    422: [
      ...['no_address', 'window_closed', 'opted_out', 'unreachable', 'reply_unknown', 'idempotency_key_reused'],
      ...[
        'upload_unknown',
        'files_not_taken',
        'too_many_files',
        'file_type_not_taken',
        'file_too_large',
        'files_too_large',
      ],
    ],
  })
  @HttpCode(202)
  @Post('replies')
  async reply(
    @Param('number') number: string,
    @Body() body: ReplyDto,
    @CurrentUser() user: Principal,
    @Req() request: FastifyRequest,
  ): Promise<ReplyAcceptedDto> {
    const written = await this.writing.reply({ number, user, key: keyOf(request) }, body);
    return { ...written, state: 'requested' };
  }

  @ApiOperation({ summary: 'Note something for colleagues; customers never see it' })
  @IdempotencyKeyHeader()
  @ApiCreatedResponse({ type: WrittenDto })
  @Problems({ ...keyProblems, 404: ['ticket_unknown'], 422: ['idempotency_key_reused'] })
  @Post('notes')
  note(
    @Param('number') number: string,
    @Body() { text }: NoteTextDto,
    @CurrentUser() user: Principal,
    @Req() request: FastifyRequest,
  ): Promise<WrittenDto> {
    return this.writing.note({ number, user, key: keyOf(request) }, text);
  }

  @ApiOperation({ summary: 'Merge this ticket into another; its number then leads there' })
  @ApiOkResponse({ type: MergedDto })
  @Problems({ 404: ['ticket_unknown'], 409: refusals, 422: ['same_ticket'] })
  @HttpCode(200)
  @Post('merge')
  async merge(
    @Param('number') number: string,
    @Body() { into }: MergeDto,
    @CurrentUser() user: Principal,
  ): Promise<MergedDto> {
    return { number: await this.commands.merge(number, user, into) };
  }

  private async show(number: string, user: Principal, reply: FastifyReply): Promise<void> {
    const ticket = await this.reader.afterChange(number, user);
    void reply.header('etag', entityTag(ticket.sequence)).send(ticket);
  }
}
