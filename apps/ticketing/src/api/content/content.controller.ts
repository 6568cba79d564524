import { Controller, Get, Param, ParseUUIDPipe, Res, StreamableFile } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CurrentUser, type Principal, Roles } from '#auth';
import { Problems } from '../documentation.js';
import { ContentReader } from './content.reader.js';
import { safeType, sendUntrusted } from './content-headers.js';

const binary = { schema: { type: 'string', format: 'binary' } } as const;

@ApiTags('content')
@ApiBearerAuth()
@Roles('agent', 'supervisor', 'analyst', 'admin')
@Controller('api/v1')
export class ContentController {
  constructor(private readonly content: ContentReader) {}

  @ApiOperation({ summary: 'The bytes of an attachment of a ticket that the caller may see; not scanned' })
  @ApiOkResponse({ description: 'To be saved, not shown in place', content: { 'application/octet-stream': binary } })
  @Problems({ 404: ['attachment_unknown'] })
  @Get('attachments/:sha256')
  async attachment(
    @Param('sha256') sha256: string,
    @CurrentUser() user: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile> {
    const { file, stream } = await this.content.attachment(sha256, user);
    sendUntrusted(reply, { name: file.name, type: safeType(file.detectedType) });
    return new StreamableFile(stream, { length: file.bytes });
  }

  @ApiOperation({ summary: 'The original of a message as it came, for example the raw mail; kept for 90 days' })
  @ApiOkResponse({ description: 'To be saved, not shown in place', content: { 'application/octet-stream': binary } })
  @Problems({ 404: ['message_unknown', 'original_unknown'], 410: ['original_expired'], 503: ['original_unavailable'] })
  @Get('messages/:id/original')
  async original(
    @Param('id', ParseUUIDPipe) id: string,
    @CurrentUser() user: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile> {
    const { name, bytes, stream } = await this.content.original(id, user);
    sendUntrusted(reply, { name, type: 'application/octet-stream' });
    return new StreamableFile(stream, { length: bytes });
  }
}
