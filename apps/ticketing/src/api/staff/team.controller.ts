import { Body, Controller, Get, Param, ParseUUIDPipe, Patch, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentUser, type Principal, Roles } from '#auth';
import { StaffRepository } from '../../store/staff.repository.js';
import { Problems } from '../documentation.js';
import { TeamChangeDto, TeamDto, TeamListDto, NewTeamDto, StaffListQuery } from './staff.dto.js';
import { StaffService } from './staff.service.js';
import { teamView, StaffList } from './staff-list.js';

@ApiTags('teams')
@ApiBearerAuth()
@Roles('supervisor', 'admin')
@Controller('api/v1/teams')
export class TeamController {
  constructor(
    private readonly staff: StaffService,
    private readonly repository: StaffRepository,
    private readonly lists: StaffList,
  ) {}

  @ApiOperation({ summary: 'All teams, by name' })
  @ApiOkResponse({ type: TeamListDto })
  @Problems({ 400: ['cursor_invalid'] })
  @Roles('agent', 'supervisor', 'analyst', 'admin')
  @Get()
  list(@Query() query: StaffListQuery): Promise<TeamListDto> {
    const to = { item: teamView, key: ({ name }: { name: string }) => name };
    return this.lists.page('teams', query, (question) => this.repository.listTeams(question), to);
  }

  @ApiOperation({ summary: 'One team' })
  @ApiOkResponse({ type: TeamDto })
  @Problems({ 404: ['team_unknown'] })
  @Roles('agent', 'supervisor', 'analyst', 'admin')
  @Get(':id')
  async get(@Param('id', ParseUUIDPipe) id: string): Promise<TeamDto> {
    return teamView(await this.staff.team(id));
  }

  @ApiOperation({ summary: 'Add a team' })
  @ApiCreatedResponse({ type: TeamDto })
  @Problems({ 409: ['conflict'], 422: ['agents_unknown'] })
  @Post()
  async add(@Body() body: NewTeamDto, @CurrentUser() user: Principal): Promise<TeamDto> {
    return teamView(await this.staff.addTeam(user, body));
  }

  @ApiOperation({ summary: 'Change a team' })
  @ApiOkResponse({ type: TeamDto })
  @Problems({ 404: ['team_unknown'], 409: ['conflict'], 422: ['agents_unknown'] })
  @Patch(':id')
  async change(
    @Param('id', ParseUUIDPipe) id: string,
    @Body() body: TeamChangeDto,
    @CurrentUser() user: Principal,
  ): Promise<TeamDto> {
    return teamView(await this.staff.changeTeam(user, id, body));
  }
}
