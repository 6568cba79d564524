import { Body, Controller, Get, Param, ParseUUIDPipe, Patch, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentUser, type Principal, Roles } from '#auth';
import { Problem } from '#http';
import { Database, type Transaction } from '#postgres';
import { AuditRepository } from '../../store/audit.repository.js';
import { OrganizationRepository, type OrganizationRow } from '../../store/organization.repository.js';
import { StaffRepository } from '../../store/staff.repository.js';
import { Cursors } from '../cursors.js';
import { Problems } from '../documentation.js';
import { pageOf } from '../list.dto.js';
import { present } from '../tickets/ticket-view.js';
import {
  NewOrganizationDto,
  OrganizationChangeDto,
  OrganizationDto,
  OrganizationListDto,
  SearchQuery,
} from './organization.dto.js';

@ApiTags('organizations')
@ApiBearerAuth()
@Roles('supervisor', 'admin')
@Controller('api/v1/organizations')
export class OrganizationController {
  constructor(
    private readonly organizations: OrganizationRepository,
    private readonly staff: StaffRepository,
    private readonly database: Database,
    private readonly audit: AuditRepository,
    private readonly cursors: Cursors,
  ) {}

  @ApiOperation({ summary: 'Organizations by name' })
  @ApiOkResponse({ type: OrganizationListDto })
  @Problems({ 400: ['cursor_invalid'] })
  @Roles('agent', 'supervisor', 'analyst', 'admin')
  @Get()
  async list(@Query() { q, cursor, limit }: SearchQuery): Promise<OrganizationListDto> {
    const question = { list: 'organizations', q };
    const codec = await this.cursors.codec();
    const [after] = cursor === undefined ? [] : codec.decode(question, cursor);
    const rows = await this.organizations.list({ q, after, limit: limit + 1 });
    return pageOf(rows, limit, { item: organizationView, cursor: ({ name }) => codec.encode(question, [name]) });
  }

  @ApiOperation({ summary: 'One organization' })
  @ApiOkResponse({ type: OrganizationDto })
  @Problems({ 404: ['organization_unknown'] })
  @Roles('agent', 'supervisor', 'analyst', 'admin')
  @Get(':id')
  async get(@Param('id', ParseUUIDPipe) id: string): Promise<OrganizationDto> {
    return organizationView(await this.find(id));
  }

  @ApiOperation({ summary: 'Add an organization' })
  @ApiCreatedResponse({ type: OrganizationDto })
  @Problems({ 409: ['conflict'], 422: ['agent_unknown'] })
  @Post()
  async add(@Body() body: NewOrganizationDto, @CurrentUser() user: Principal): Promise<OrganizationDto> {
    const { name, type = null, segment = null, district = null, accountManager = null, domains = [] } = body;
    const id = await this.database.transaction(async (tx) => {
      await this.mustBeAgent(tx, accountManager);
      const fields = { name, type, segment, district, accountManagerId: accountManager, domains };
      const made = await this.organizations.insert(tx, fields);
      const detail = { fields: Object.keys(body) };
      await this.audit.append(tx, {
        actorId: user.accountId,
        action: 'organization_created',
        subject: `organization:${made}`,
        detail,
      });
      return made;
    });
    return organizationView(await this.find(id));
  }

  @ApiOperation({
    summary: 'Change an organization',
    description: 'A new segment counts for tickets from now on; those that exist keep theirs.',
  })
  @ApiOkResponse({ type: OrganizationDto })
  @Problems({ 404: ['organization_unknown'], 409: ['conflict'], 422: ['agent_unknown'] })
  @Patch(':id')
  async change(
    @Param('id', ParseUUIDPipe) id: string,
    @Body() body: OrganizationChangeDto,
    @CurrentUser() user: Principal,
  ): Promise<OrganizationDto> {
    const known = await this.find(id);
    const { accountManager, ...rest } = body;
    const fields = { ...known, ...rest, ...(accountManager === undefined ? {} : { accountManagerId: accountManager }) };
    await this.database.transaction(async (tx) => {
      if (accountManager !== undefined) await this.mustBeAgent(tx, accountManager);
      await this.organizations.update(tx, id, fields);
      const detail = { fields: Object.keys(body) };
      await this.audit.append(tx, {
        actorId: user.accountId,
        action: 'organization_changed',
        subject: `organization:${id}`,
        detail,
      });
    });
    return organizationView(await this.find(id));
  }

  private async find(id: string): Promise<OrganizationRow> {
    const organization = await this.organizations.find(id);
    if (organization === undefined) throw new Problem(404, 'organization_unknown', 'There is no such organization');
    return organization;
  }

  private async mustBeAgent(tx: Transaction, id: string | null): Promise<void> {
    if (id === null || (await this.staff.activeIds(tx, 'agents', [id])).size === 1) return;
    throw new Problem(422, 'agent_unknown', 'There is no such active agent', {
      errors: [{ field: 'accountManager', code: 'unknown', message: 'does not exist or is not active' }],
    });
  }
}

function organizationView(row: OrganizationRow): OrganizationDto {
  const accountManager =
    row.accountManagerId === null ? undefined : { id: row.accountManagerId, name: row.accountManagerName ?? '' };
  return {
    id: row.id,
    name: row.name,
    domains: [...row.domains],
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
    ...present({ type: row.type, segment: row.segment, district: row.district, accountManager }),
  };
}
