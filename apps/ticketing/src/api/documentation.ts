import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiProperty, ApiPropertyOptional, ApiResponse, getSchemaPath } from '@nestjs/swagger';

class FieldProblemDto {
  @ApiProperty({ description: 'The field as the caller wrote it, a path with dots' })
  field: string;
  @ApiProperty({ description: 'Stable word for the rule that was broken' })
  code: string;
  @ApiProperty()
  message: string;
}

/** RFC 9457 */
class ProblemDto {
  @ApiProperty({ example: 'urn:phanhoi:problem:validation_failed' })
  type: string;
  @ApiProperty({ description: 'The same for every occurrence' })
  title: string;
  @ApiProperty()
  status: number;
  @ApiProperty({ description: 'Stable: branch on this', example: 'validation_failed' })
  code: string;
  @ApiPropertyOptional()
  detail?: string;
  @ApiPropertyOptional({ type: [FieldProblemDto] })
  errors?: FieldProblemDto[];
}

const meanings: Readonly<Record<number, string>> = {
  400: 'The request is malformed',
  401: 'No access token, or one that is not valid',
  403: 'The role does not allow this',
  404: 'Unknown, or of another team',
  409: 'The present state does not allow this',
  410: 'It existed once',
  412: 'Changed since it was read',
  413: 'Too large',
  415: 'Neither JSON nor, where files are sent, a file that is taken',
  422: 'Well-formed, but cannot be done as asked',
  428: 'The header If-Match is missing',
  429: 'Too many attempts: wait as Retry-After says',
  503: 'Cannot be answered right now: try again as Retry-After says',
};

/**
 * Documents the problems of a route: those that every route with a token has, and its own.
 * @param codes by status, the stable codes that the route itself answers.
 */
export function Problems(codes: Readonly<Record<number, readonly string[]>> = {}, options = { token: true }) {
  const common: Record<number, readonly string[]> = {
    400: ['validation_failed'],
    ...(options.token ? { 401: ['token_missing', 'token_invalid', 'token_expired'], 403: ['forbidden'] } : {}),
    503: ['unavailable', ...(options.token ? ['keys_unavailable'] : [])],
  };
  const statuses = [...new Set([...Object.keys(common), ...Object.keys(codes)].map(Number))].sort((a, b) => a - b);
  return applyDecorators(
    ApiExtraModels(ProblemDto),
    ...statuses.map((status) => {
      const words = [...(common[status] ?? []), ...(codes[status] ?? [])];
      return ApiResponse({
        status,
        description: `${meanings[status] ?? 'Problem'}: ${words.map((word) => `\`${word}\``).join(', ')}`,
        content: { 'application/problem+json': { schema: { $ref: getSchemaPath(ProblemDto) } } },
      });
    }),
  );
}
