import { Body, Controller, Get, Param, ParseUUIDPipe, Patch, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentUser, type Principal, Roles } from '#auth';
import { StaffRepository } from '../../store/staff.repository.js';
import { Problems } from '../documentation.js';
import { AgentChangeDto, AgentDto, AgentListDto, NewAgentDto, StaffListQuery } from './staff.dto.js';
import { StaffService } from './staff.service.js';
import { agentView, StaffList } from './staff-list.js';

@ApiTags('agents')
@ApiBearerAuth()
@Roles('supervisor', 'admin')
@Controller('api/v1/agents')
export class AgentController {
  constructor(
    private readonly staff: StaffService,
    private readonly repository: StaffRepository,
    private readonly lists: StaffList,
  ) {}

  @ApiOperation({ summary: 'All agents, by email' })
  @ApiOkResponse({ type: AgentListDto })
  @Problems({ 400: ['cursor_invalid'] })
  @Roles('agent', 'supervisor', 'analyst', 'admin')
  @Get()
  list(@Query() query: StaffListQuery): Promise<AgentListDto> {
    const to = { item: agentView, key: ({ email }: { email: string }) => email };
    return this.lists.page('agents', query, (question) => this.repository.listAgents(question), to);
  }

  @ApiOperation({ summary: 'One agent' })
  @ApiOkResponse({ type: AgentDto })
  @Problems({ 404: ['agent_unknown'] })
  @Roles('agent', 'supervisor', 'analyst', 'admin')
  @Get(':id')
  async get(@Param('id', ParseUUIDPipe) id: string): Promise<AgentDto> {
    return agentView(await this.staff.agent(id));
  }

  @ApiOperation({ summary: 'Add an agent' })
  @ApiCreatedResponse({ type: AgentDto })
  @Problems({ 403: ['role_not_allowed'], 409: ['conflict'], 422: ['teams_unknown'] })
  @Post()
  async add(@Body() body: NewAgentDto, @CurrentUser() user: Principal): Promise<AgentDto> {
    return agentView(await this.staff.addAgent(user, body));
  }

  @ApiOperation({ summary: 'Change an agent' })
  @ApiOkResponse({ type: AgentDto })
  @Problems({ 403: ['role_not_allowed'], 404: ['agent_unknown'], 422: ['teams_unknown', 'own_account'] })
  @Patch(':id')
  async change(
    @Param('id', ParseUUIDPipe) id: string,
    @Body() body: AgentChangeDto,
    @CurrentUser() user: Principal,
  ): Promise<AgentDto> {
    return agentView(await this.staff.changeAgent(user, id, body));
  }
}
