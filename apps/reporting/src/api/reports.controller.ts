import { Readable } from 'node:stream';
import { Controller, Get, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Roles } from '#auth';
import type { Answer } from '../domain/answer.js';
import { cellsOf, columnsOf, metricNames, metrics, type MetricValue } from '../domain/metric-catalogue.js';
import type { Question } from '../domain/question.js';
import { byteOrderMark, csvLine } from './csv.js';
import { DocumentedQuestion } from './documented-question.js';
import type { Query as Parameters } from './query-reader.js';
import { parseQuestion } from './question.parser.js';
import { ReportService } from './report.service.js';

@ApiTags('reports')
@ApiBearerAuth()
@Roles('analyst', 'supervisor', 'admin')
@Controller('api/v1')
export class ReportsController {
  constructor(private readonly reports: ReportService) {}

  @Get('metrics')
  @ApiOperation({ summary: 'The catalogue of numbers: name, definition, unit, version' })
  catalogue() {
    const items = metricNames.map((name) => {
      const { definition, unit, version } = metrics[name];
      return { name, definition, unit, version };
    });
    return { items };
  }

  @Get('reports')
  @ApiOperation({ summary: 'Numbers by bucket and group' })
  @DocumentedQuestion()
  @ApiQuery({ name: 'format', required: false, enum: ['json', 'csv'] })
  async report(@Query() query: Parameters, @Res() reply: FastifyReply): Promise<void> {
    const { question, extra } = parseQuestion(query, (reader) => ({
      format: reader.choice('format', ['json', 'csv'], 'json'),
    }));
    const answer = await this.reports.answer(question);
    if (extra.format === 'csv') {
      reply.header('content-type', 'text/csv; charset=utf-8');
      reply.header('content-disposition', 'attachment; filename="report.csv"');
      await reply.send(Readable.from(csvOf(question, answer)));
      return;
    }
    await reply.send({ ...described(question), ...answer });
  }
}

/** The question as it was understood. */
export function described(question: Question) {
  const { from, to, zone, granularity } = question;
  return {
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    tz: zone,
    granularity,
    hours: 'calendar',
  };
}

function* csvOf({ metrics, groupBy }: Question, { rows }: Answer): Generator<string> {
  yield byteOrderMark + csvLine(['bucket', ...groupBy, ...metrics.flatMap(columnsOf)]);
  for (const row of rows) {
    const names = ['bucket', ...groupBy].map((name) => row[name] as string | null);
    yield csvLine([...names, ...metrics.flatMap((name) => cellsOf(row[name] as MetricValue))]);
  }
}
