import { PassThrough, Readable } from 'node:stream';
import { Controller, HttpCode, Post, Query, Req, Res } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiBody,
  ApiConsumes,
  ApiOperation,
  ApiProduces,
  ApiQuery,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Roles } from '#auth';
import { isKnownCharset } from '#charset';
import { Problem } from '#http';
import { FolderStore, type StagedBytes, StoreError, storeOutcome } from '#intake';
import { AccountDirectory } from '../account-directory.js';
import { assertKept } from '../bodies.js';
import { CallImport } from './call-import.js';
import { tableType } from './table-file.js';

/** A hundred thousand calls take a quarter of it. */
const maxBytes = 64 * 1024 * 1024;
const resultType = 'application/x-ndjson';

@ApiTags('calls')
@ApiBearerAuth()
@Controller('api/v1/calls')
export class CallImportController {
  constructor(
    private readonly accounts: AccountDirectory,
    private readonly store: FolderStore,
    private readonly calls: CallImport,
  ) {}

  @Roles('supervisor', 'admin')
  @Post('import')
  @HttpCode(200)
  @ApiOperation({
    summary:
      'Take a table of calls in: a line of JSON for each row as it becomes durable, and a last one that counts them',
    description:
      'A table that is sent again is the same calls again. `row` is the line in the file; that of the column names is 1.',
  })
  @ApiQuery({ name: 'account', required: false, description: 'Needed where several telephone accounts are configured' })
  @ApiConsumes(tableType)
  @ApiBody({ schema: { type: 'string', format: 'binary' } })
  @ApiProduces(resultType)
  @ApiResponse({ status: 200, description: 'Complete when the last line says so' })
  @ApiResponse({ status: 413, description: `file_too_large: more than ${maxBytes} bytes` })
  @ApiResponse({
    status: 422,
    description: 'table_empty, columns_missing, charset_unknown, unknown_account: nothing is kept',
  })
  async take(
    @Query('account') id: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const account = this.accounts.requireTelephone(id);
    const charset = /;\s*charset=("?)([^";\s]+)\1/i.exec(request.headers['content-type'] ?? '')?.[2];
    if (charset !== undefined && !isKnownCharset(charset))
      throw new Problem(422, 'charset_unknown', 'This charset cannot be read');
    if (!(request.body instanceof Readable))
      throw new Problem(415, 'unsupported_media_type', `Send the table as ${tableType}`);
    // Taken whole before its first row is: answers while it still comes would block callers that read only after they have sent.
    const file = await this.stage(request.body);
    const lines = await this.calls.run(account, file, charset);
    await reply.status(200).type(resultType).send(lines);
  }

  private async stage(body: Readable): Promise<StagedBytes> {
    // A store that fails destroys what it reads from: not the connection by which the sender is told.
    const bytes = new PassThrough();
    body.once('error', (error) => bytes.destroy(error));
    try {
      return await this.store.stage(body.pipe(bytes), { maxBytes });
    } catch (error) {
      body.unpipe(bytes).resume();
      if (error instanceof StoreError) assertKept(storeOutcome(error));
      throw error;
    }
  }
}
