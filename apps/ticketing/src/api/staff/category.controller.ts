import { Body, Controller, Get, Param, ParseUUIDPipe, Patch, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentUser, type Principal, Roles } from '#auth';
import { StaffRepository } from '../../store/staff.repository.js';
import { Problems } from '../documentation.js';
import { CategoryChangeDto, CategoryDto, CategoryListDto, NewCategoryDto, StaffListQuery } from './staff.dto.js';
import { StaffService } from './staff.service.js';
import { categoryView, StaffList } from './staff-list.js';

@ApiTags('categories')
@ApiBearerAuth()
@Roles('supervisor', 'admin')
@Controller('api/v1/categories')
export class CategoryController {
  constructor(
    private readonly staff: StaffService,
    private readonly repository: StaffRepository,
    private readonly lists: StaffList,
  ) {}

  @ApiOperation({ summary: 'All categories, by name' })
  @ApiOkResponse({ type: CategoryListDto })
  @Problems({ 400: ['cursor_invalid'] })
  @Roles('agent', 'supervisor', 'analyst', 'admin')
  @Get()
  list(@Query() query: StaffListQuery): Promise<CategoryListDto> {
    const to = { item: categoryView, key: ({ name }: { name: string }) => name };
    return this.lists.page('categories', query, (question) => this.repository.listCategories(question), to);
  }

  @ApiOperation({ summary: 'One category' })
  @ApiOkResponse({ type: CategoryDto })
  @Problems({ 404: ['category_unknown'] })
  @Roles('agent', 'supervisor', 'analyst', 'admin')
  @Get(':id')
  async get(@Param('id', ParseUUIDPipe) id: string): Promise<CategoryDto> {
    return categoryView(await this.staff.category(id));
  }

  @ApiOperation({ summary: 'Add a category' })
  @ApiCreatedResponse({ type: CategoryDto })
  @Problems({ 409: ['conflict'], 422: ['categories_unknown'] })
  @Post()
  async add(@Body() body: NewCategoryDto, @CurrentUser() user: Principal): Promise<CategoryDto> {
    return categoryView(await this.staff.addCategory(user, body));
  }

  @ApiOperation({ summary: 'Change a category' })
  @ApiOkResponse({ type: CategoryDto })
  @Problems({ 404: ['category_unknown'], 409: ['conflict'], 422: ['categories_unknown', 'own_parent'] })
  @Patch(':id')
  async change(
    @Param('id', ParseUUIDPipe) id: string,
    @Body() body: CategoryChangeDto,
    @CurrentUser() user: Principal,
  ): Promise<CategoryDto> {
    return categoryView(await this.staff.changeCategory(user, id, body));
  }
}
