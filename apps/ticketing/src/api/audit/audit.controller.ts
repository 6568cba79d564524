import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiProperty, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, IsUUID, MaxLength } from 'class-validator';
import { Roles } from '#auth';
import {
  type AuditAction,
  AuditRepository,
  auditActions,
  type StoredAuditEntry,
} from '../../store/audit.repository.js';
import { Cursors } from '../cursors.js';
import { Problems } from '../documentation.js';
import { PageQuery, pageOf } from '../list.dto.js';
import { NamedDto } from '../tickets/ticket-list.dto.js';
import { present } from '../tickets/ticket-view.js';

export class AuditQuery extends PageQuery {
  @ApiPropertyOptional({ enum: auditActions })
  @IsOptional()
  @IsIn(auditActions)
  action?: AuditAction;

  @ApiPropertyOptional({ format: 'uuid', description: 'Account that did it' })
  @IsOptional()
  @IsUUID()
  actor?: string;

  @ApiPropertyOptional({ description: '`kind:id` of what it was done to', example: 'customer:…' })
  @IsOptional()
  @IsString()
  @MaxLength(100)
  subject?: string;
}

export class AuditEntryDto {
  @ApiProperty()
  id: string;
  @ApiProperty({ format: 'date-time' })
  at: string;
  @ApiPropertyOptional({ type: NamedDto })
  actor?: NamedDto;
  @ApiProperty({ enum: auditActions })
  action: string;
  @ApiProperty()
  subject: string;
  @ApiPropertyOptional({ type: 'object', additionalProperties: true })
  detail?: object;
}

export class AuditListDto {
  @ApiProperty({ type: [AuditEntryDto] })
  items: AuditEntryDto[];
  @ApiPropertyOptional()
  nextCursor?: string;
}

@ApiTags('audit')
@ApiBearerAuth()
@Roles('supervisor', 'admin')
@Controller('api/v1/audit')
export class AuditController {
  constructor(
    private readonly audit: AuditRepository,
    private readonly cursors: Cursors,
  ) {}

  @ApiOperation({
    summary: 'Who did what, newest first',
    description:
      'Sign-ins, changes of customers, organizations, staff and categories, originals that were read. Changes of tickets stand in their timelines.',
  })
  @ApiOkResponse({ type: AuditListDto })
  @Problems({ 400: ['cursor_invalid'] })
  @Get()
  async list(@Query() { cursor, limit, ...filter }: AuditQuery): Promise<AuditListDto> {
    const question = { list: 'audit', ...filter };
    const codec = await this.cursors.codec();
    const [before] = cursor === undefined ? [] : codec.decode(question, cursor);
    const rows = await this.audit.list({ ...filter, before, limit: limit + 1 });
    return pageOf(rows, limit, { item: auditView, cursor: ({ id }) => codec.encode(question, [id]) });
  }
}

function auditView({ id, at, actorId, actorName, action, subject, detail }: StoredAuditEntry): AuditEntryDto {
  const actor = actorId === null ? undefined : { id: actorId, name: actorName ?? '' };
  return { id, at: at.toISOString(), action, subject, ...present({ actor, detail }) };
}
