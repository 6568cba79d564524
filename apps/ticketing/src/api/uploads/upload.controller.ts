import { Controller, Post, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiConsumes, ApiCreatedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { CurrentUser, type Principal, Roles } from '#auth';
import { Problems } from '../documentation.js';
import { UploadDto } from './upload.dto.js';
import { Uploads } from './uploads.js';

@ApiTags('content')
@ApiBearerAuth()
@Roles('agent', 'supervisor', 'admin')
@Controller('api/v1/attachments')
export class UploadController {
  constructor(private readonly uploads: Uploads) {}

  @ApiOperation({ summary: 'Send a file that an answer shall carry; it waits for 24 hours' })
  @ApiConsumes('multipart/form-data')
  @ApiBody({
    schema: { type: 'object', required: ['files'], properties: { files: { type: 'string', format: 'binary' } } },
  })
  @ApiCreatedResponse({ type: UploadDto })
  @Problems({
    400: ['invalid_multipart'],
    413: ['file_too_large', 'body_too_large', 'too_many_parts', 'field_too_large'],
    415: ['file_type_not_allowed', 'unsupported_media_type'],
    422: ['file_required', 'file_empty', 'too_many_files', 'validation_failed'],
    429: ['too_many_uploads'],
    503: ['storage_full', 'storage_unavailable'],
  })
  @Post()
  send(@CurrentUser() user: Principal, @Req() request: FastifyRequest): Promise<UploadDto> {
    return this.uploads.take(request, user);
  }
}
