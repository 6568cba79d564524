import { HttpException } from '@nestjs/common';

/** One field that is wrong: `field` as the caller wrote it (a path with dots), `code` stable, `message` for people. */
export interface FieldProblem {
  readonly field: string;
  readonly code: string;
  readonly message: string;
}

interface ProblemOptions {
  readonly detail?: string;
  readonly errors?: readonly FieldProblem[];
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * An expected error of an API, answered as `application/problem+json` with a stable `code`. Source: RFC 9457.
 * @param code snake_case, never changed once released; callers branch on it.
 * @param title a short sentence for people, the same for every occurrence.
 */
export class Problem extends HttpException {
  constructor(
    status: number,
    readonly code: string,
    readonly title: string,
    readonly details: ProblemOptions = {},
  ) {
    super(title, status);
  }

  get headers(): Readonly<Record<string, string>> {
    return this.details.headers ?? {};
  }

  toBody(): ProblemBody {
    return problemBody(this.getStatus(), this.code, this.title, this.details);
  }
}

export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail?: string;
  readonly errors?: readonly FieldProblem[];
}

export const problemContentType = 'application/problem+json; charset=utf-8';

export function problemBody(status: number, code: string, title: string, options: ProblemOptions = {}): ProblemBody {
  return {
    type: `urn:phanhoi:problem:${code}`,
    title,
    status,
    code,
    ...(options.detail === undefined ? {} : { detail: options.detail }),
    ...(options.errors === undefined ? {} : { errors: options.errors }),
  };
}

/** The stable code and title of errors that the framework raises by status alone. */
const byStatus: Readonly<Record<number, readonly [code: string, title: string]>> = {
  400: ['bad_request', 'The request cannot be understood'],
  401: ['unauthenticated', 'A valid access token is required'],
  403: ['forbidden', 'The role of the token does not allow this'],
  404: ['not_found', 'There is nothing at this address'],
  405: ['method_not_allowed', 'This address does not know the method'],
  406: ['not_acceptable', 'None of the accepted types can be given'],
  408: ['request_timeout', 'The request took too long to arrive'],
  413: ['body_too_large', 'The body is larger than this address takes'],
  414: ['address_too_long', 'The address is too long'],
  415: ['unsupported_media_type', 'This content type is not taken here'],
  429: ['too_many_requests', 'Too many requests, try again later'],
  431: ['headers_too_large', 'The headers are too large'],
  503: ['unavailable', 'The service cannot do this right now'],
};

/** Codes that Fastify gives to bodies it cannot read, with ours. Source: fastify.dev/docs/latest/Reference/Errors. */
const byFastifyCode: Readonly<Record<string, readonly [status: number, code: string, title: string]>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [415, 'unsupported_media_type', 'This content type is not taken here'],
  FST_ERR_CTP_EMPTY_JSON_BODY: [400, 'empty_body', 'The body is empty'],
  FST_ERR_CTP_INVALID_JSON_BODY: [400, 'invalid_json', 'The body is not valid JSON'],
  FST_ERR_CTP_BODY_TOO_LARGE: [413, 'body_too_large', 'The body is larger than this address takes'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [400, 'invalid_content_length', 'The body is not as long as stated'],
};

/** What a thrown value means to the caller. A 5xx never shows internals. */
export function describeError(error: unknown): {
  readonly body: ProblemBody;
  readonly headers: Readonly<Record<string, string>>;
} {
  if (error instanceof Problem) return { body: error.toBody(), headers: error.headers };
  const known = byFastifyCode[(error as { code?: string } | undefined)?.code ?? ''];
  if (known !== undefined) return { body: problemBody(...known), headers: {} };
  const status = statusOf(error);
  const [code, title] =
    byStatus[status] ??
    (status < 500 ? (byStatus[400] ?? ['', '']) : ['internal_error', 'Something went wrong on our side']);
  return {
    body: problemBody(byStatus[status] === undefined && status >= 500 ? 500 : status, code, title),
    headers: {},
  };
}

function statusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  const status = (error as { statusCode?: unknown } | undefined)?.statusCode;
  return typeof status === 'number' && status >= 400 && status < 600 ? status : 500;
}
