import { Controller, Options, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '#auth';
import { clientAddress, idempotencyKey } from '#http';
import { FeedbackIntake } from '../feedback.intake.js';
import { FormDirectory } from './form-directory.js';
import { acceptedSchema, feedbackBody } from './feedback.schema.js';
import { FormBodies } from './form-bodies.js';
import { sendOutcome } from './outcome-reply.js';

@ApiTags('feedback')
@Controller('api/v1/feedback')
export class FeedbackController {
  constructor(
    private readonly feedback: FeedbackIntake,
    private readonly bodies: FormBodies,
    private readonly forms: FormDirectory,
  ) {}

  @Public()
  @Post()
  @ApiOperation({ summary: 'Send feedback: 202 once it is durable' })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description: 'Same key and body: same answer; other body: 422',
  })
  @ApiConsumes('application/json', 'multipart/form-data')
  @ApiBody({ schema: feedbackBody })
  @ApiResponse({ status: 202, schema: acceptedSchema })
  async create(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    this.allowOrigin(request, reply);
    const key = idempotencyKey(request, { required: false });
    const { body, staged } = this.bodies.of(request, ['json', 'multipart']);
    const outcome = await this.feedback.receive({
      body,
      staged,
      client: clientAddress(request),
      receivedVia: 'push',
      ...(key === undefined ? {} : { idempotencyKey: key }),
    });
    sendOutcome(reply, outcome);
  }

  @Public()
  @Options()
  @ApiOperation({ summary: 'CORS preflight for pages that embed the widget' })
  preflight(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    if (this.allowOrigin(request, reply)) {
      void reply
        .header('access-control-allow-methods', 'POST')
        .header('access-control-allow-headers', 'content-type, idempotency-key, x-correlation-id, traceparent')
        .header('access-control-max-age', '600');
    }
    void reply.status(204).send();
  }

  /** Pages of an origin may read the answer when any form lists it; no cookies are ever involved. */
  private allowOrigin(request: FastifyRequest, reply: FastifyReply): boolean {
    const { origin } = request.headers;
    if (origin === undefined) return false;
    void reply.header('vary', 'Origin');
    if (!this.forms.allows(origin)) return false;
    void reply.header('access-control-allow-origin', origin);
    return true;
  }
}
