import { Readable } from 'node:stream';
import { Controller, Get, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Roles } from '#auth';
import { narrowToBucket } from './bucket-range.js';
import { readCursor } from './cursor.js';
import { DocumentedQuestion } from './documented-question.js';
import { DrilldownService } from './drilldown.service.js';
import { ExportService } from './export.service.js';
import type { Query as Parameters } from './query-reader.js';
import { parseQuestion, type Reader } from './question.parser.js';
import { described } from './reports.controller.js';

const contentTypes = { csv: 'text/csv; charset=utf-8', ndjson: 'application/x-ndjson; charset=utf-8' };
const mostItems = 500;

/** From a number to what it is made of. */
@ApiTags('reports')
@ApiBearerAuth()
@Roles('analyst', 'supervisor', 'admin')
@Controller('api/v1/reports')
export class TicketsBehindController {
  constructor(
    private readonly drilldowns: DrilldownService,
    private readonly exports: ExportService,
  ) {}

  @Get('drilldown')
  @ApiOperation({ summary: 'The tickets (or the feedback) behind one number, newest first' })
  @DocumentedQuestion()
  @ApiQuery({ name: 'bucket', required: false, type: String, description: 'one bucket of the report, as named there' })
  @ApiQuery({ name: 'cursor', required: false, type: String })
  @ApiQuery({ name: 'limit', required: false, type: Number, description: `1 to ${mostItems}, default 100` })
  async drilldown(@Query() query: Parameters) {
    const { question, extra } = parseQuestion(query, (reader) => ({
      bucket: reader.one('bucket'),
      cursor: reader.one('cursor'),
      limit: readLimit(reader),
      only: reader.onlyOneMetric(),
    }));
    const asked = extra.bucket === undefined ? question : narrowToBucket(question, extra.bucket);
    const [metric] = question.metrics;
    if (metric === undefined) throw new Error('parseQuestion lets no question without a metric pass');
    const after = extra.cursor === undefined ? undefined : readCursor(extra.cursor);
    const found = await this.drilldowns.find({ metric, question: asked, after, limit: extra.limit });
    return { metric, ...described(asked), ...found };
  }

  @Get('export')
  @ApiOperation({ summary: 'The rows behind the numbers, streamed: a count is the sum of the column count' })
  @DocumentedQuestion()
  @ApiQuery({ name: 'format', required: false, enum: ['csv', 'ndjson'] })
  async export(@Query() query: Parameters, @Res() reply: FastifyReply): Promise<void> {
    const { question, extra } = parseQuestion(query, (reader) => ({
      format: reader.choice('format', ['csv', 'ndjson'], 'csv'),
    }));
    const chunks = await this.exports.stream(question, extra.format);
    reply.header('content-type', contentTypes[extra.format]);
    reply.header('content-disposition', `attachment; filename="export.${extra.format}"`);
    await reply.send(Readable.from(chunks, { highWaterMark: 1 }));
  }
}

function readLimit(reader: Reader): number {
  const text = reader.one('limit') ?? '100';
  const limit = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > mostItems) reader.refuse('limit', 'limit_out_of_range', `limit is 1 to ${mostItems}`);
  return limit;
}
