import { applyDecorators } from '@nestjs/common';
import { ApiQuery } from '@nestjs/swagger';
import { dimensions } from '../domain/dimensions.js';
import { metricNames } from '../domain/metric-catalogue.js';
import { granularities } from '../domain/question.js';

/** The parameters that every question has, for the OpenAPI document; question.parser.ts checks them. */
export function DocumentedQuestion(): MethodDecorator {
  const list = { style: 'form', explode: false } as const;
  return applyDecorators(
    ApiQuery({ name: 'metrics', required: true, isArray: true, enum: metricNames, ...list }),
    ApiQuery({ name: 'groupBy', required: false, isArray: true, enum: dimensions, ...list }),
    ApiQuery({ name: 'granularity', required: false, enum: granularities, description: 'default day' }),
    ApiQuery({
      name: 'from',
      required: true,
      type: String,
      description: 'inclusive: a date (the start of that day in tz) or an RFC 3339 instant',
    }),
    ApiQuery({ name: 'to', required: true, type: String, description: 'exclusive, as from' }),
    ApiQuery({ name: 'tz', required: false, type: String, description: 'IANA zone, default Asia/Ho_Chi_Minh' }),
    ApiQuery({ name: 'hours', required: false, enum: ['calendar', 'business'] }),
    ...dimensions.map((dimension) =>
      ApiQuery({
        name: `filter.${dimension}`,
        required: false,
        isArray: true,
        type: String,
        description: 'any of these; "none" stands for no value',
        ...list,
      }),
    ),
  );
}
