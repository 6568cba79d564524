import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { Logger } from '#observability';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { describeError, problemContentType } from './problem.js';

/** Answers every error of a route as problem+json; what we did not expect is logged with its stack. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const reply = http.getResponse<FastifyReply>();
    const request = http.getRequest<FastifyRequest>();
    const { body, headers } = describeError(error);
    if (body.status >= 500 && body.code === 'internal_error') {
      this.logger.error({ err: error, method: request.method, route: request.routeOptions?.url }, 'request failed');
    }
    // A stream that breaks after its first bytes can only be cut: the caller sees an incomplete body.
    if (reply.sent || reply.raw.headersSent) {
      reply.raw.destroy();
      return;
    }
    void reply.status(body.status).headers(headers).type(problemContentType).send(JSON.stringify(body));
  }
}
