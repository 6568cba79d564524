import { Body, Controller, Get, HttpCode, Param, ParseUUIDPipe, Post, Query, StreamableFile } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import { CurrentUser, type Principal, Roles } from '#auth';
import { Problem } from '#http';
import {
  type LetterFilter,
  type LetterPlace,
  type QuarantinedLetter,
  QuarantineRepository,
} from '../store/quarantine.repository.js';
import {
  DiscardDto,
  DiscardManyDto,
  type LetterFilterDto,
  LetterListQuery,
  ReplayManyDto,
  timeOf,
} from './quarantine.dto.js';
import { mostAtOnce, QuarantineService, type SettledMany } from './quarantine.service.js';

@ApiTags('quarantine')
@ApiBearerAuth()
@Roles('admin')
@Controller('api/v1/quarantine')
export class QuarantineController {
  constructor(
    private readonly letters: QuarantineRepository,
    private readonly quarantine: QuarantineService,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Dead letters of every intake and consumer, oldest first' })
  async list(@Query() query: LetterListQuery) {
    const { cursor, limit, state } = query;
    const after = cursor === undefined ? undefined : readCursor(cursor);
    const found = await this.letters.list({ ...filterOf(query), state }, after, limit + 1);
    const items = found.slice(0, limit).map(summaryOf);
    const last = found.at(limit - 1);
    return { items, ...(found.length > limit && last !== undefined ? { nextCursor: writeCursor(last) } : {}) };
  }

  @Get(':id')
  @ApiOperation({
    summary: 'One dead letter with its headers; small bytes in base64. Several apps may have refused it',
  })
  async show(@Param('id', ParseUUIDPipe) id: string) {
    const items = (await this.quarantine.find(id)).map((found) => {
      const { key, headers, body } = found.letter;
      return { ...summaryOf(found), key, headers, body };
    });
    return { items };
  }

  @Get(':id/bytes')
  @ApiOperation({ summary: 'The bytes as they came' })
  @ApiProduces('application/octet-stream')
  @ApiResponse({ status: 410, description: 'bytes_gone' })
  async bytes(@Param('id', ParseUUIDPipe) id: string): Promise<StreamableFile> {
    const bytes = await this.quarantine.bytes(id);
    // Never shown in a browser: whoever wrote them may have meant them for one.
    const disposition = `attachment; filename="${id}.bin"`;
    return new StreamableFile(bytes, { type: 'application/octet-stream', disposition, length: bytes.length });
  }

  @Post(':id/replay')
  @HttpCode(200)
  @ApiOperation({ summary: 'Back to where it came from; what was taken already is known by its id' })
  @ApiResponse({ status: 409, description: 'dead_letter_settled' })
  async replay(@Param('id', ParseUUIDPipe) id: string, @CurrentUser() user: Principal) {
    return await this.quarantine.settle(id, { resolution: 'replayed', by: nameOf(user) });
  }

  @Post(':id/discard')
  @HttpCode(200)
  @ApiOperation({ summary: 'Settled without an effect' })
  @ApiResponse({ status: 409, description: 'dead_letter_settled' })
  async discard(
    @Param('id', ParseUUIDPipe) id: string,
    @Body() { because }: DiscardDto,
    @CurrentUser() user: Principal,
  ) {
    return await this.quarantine.settle(id, { resolution: 'discarded', by: nameOf(user), because });
  }

  @Post('replay')
  @HttpCode(200)
  @ApiOperation({ summary: `All that wait and fit, at most ${mostAtOnce} a call` })
  async replayMany(@Body() body: ReplayManyDto, @CurrentUser() user: Principal): Promise<SettledMany> {
    const because = body.because === undefined ? {} : { because: body.because };
    return await this.quarantine.settleMany(narrowed(body), { resolution: 'replayed', by: nameOf(user), ...because });
  }

  @Post('discard')
  @HttpCode(200)
  @ApiOperation({ summary: `All that wait and fit, at most ${mostAtOnce} a call` })
  async discardMany(@Body() body: DiscardManyDto, @CurrentUser() user: Principal): Promise<SettledMany> {
    const { because } = body;
    return await this.quarantine.settleMany(narrowed(body), { resolution: 'discarded', by: nameOf(user), because });
  }
}

function summaryOf({ letter, resolved }: QuarantinedLetter) {
  const { id, app, at, reason, step, detail, source, body } = letter;
  const state = resolved?.resolution ?? 'waiting';
  return { id, app, at, reason, step, detail, source, state, resolved, bytes: body?.bytes ?? 0 };
}

function filterOf({ app, reason, channel, account, topic, ...given }: LetterFilterDto): Omit<LetterFilter, 'state'> {
  const [from, to] = [timeOf(given.from), timeOf(given.to)];
  return {
    ...(app === undefined ? {} : { app }),
    ...(reason === undefined ? {} : { reason }),
    ...(channel === undefined ? {} : { channel }),
    ...(account === undefined ? {} : { account }),
    ...(topic === undefined ? {} : { topic }),
    ...(from === undefined ? {} : { from: new Date(from) }),
    ...(to === undefined ? {} : { to: new Date(to) }),
  };
}

/** Everything at once is hardly ever meant. */
function narrowed(dto: LetterFilterDto): LetterFilter {
  const filter = filterOf(dto);
  if (Object.keys(filter).length === 0)
    throw new Problem(400, 'filter_required', 'Name at least one thing to filter by');
  return { ...filter, state: 'waiting' };
}

const nameOf = ({ name, accountId }: Principal) => `${name.slice(0, 150)} ${accountId}`;

const written = /^(\d{1,15})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.([a-z-]{1,60})$/;

function writeCursor({ letter: { at, id, app } }: QuarantinedLetter): string {
  return Buffer.from(`${Date.parse(at)}.${id}.${app}`).toString('base64url');
}

function readCursor(cursor: string): LetterPlace {
  const [, at, id, app] = written.exec(Buffer.from(cursor, 'base64url').toString('latin1')) ?? [];
  if (at === undefined || id === undefined || app === undefined || Number(at) > 8.64e15)
    throw new Problem(400, 'invalid_cursor', 'The cursor is not one of ours');
  return { at: Number(at), id, app };
}
