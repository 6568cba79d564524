import { Controller, Get, Res, SetMetadata } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Health, type HealthReport, metricsText } from '#observability';

/** Metadata key under which a route states who may call it; libs/auth reads it. */
export const ACCESS = 'phanhoi:access';

/** Health and metrics, for the operator. The manifests never route these publicly. */
@ApiExcludeController()
@Controller()
@SetMetadata(ACCESS, { public: true })
export class OperationsController {
  constructor(private readonly health: Health) {}

  @Get('health/live')
  live(@Res() reply: FastifyReply): void {
    answer(reply, this.health.liveness());
  }

  @Get('health/ready')
  async ready(@Res() reply: FastifyReply): Promise<void> {
    answer(reply, await this.health.readiness());
  }

  @Get('metrics')
  async metrics(@Res() reply: FastifyReply): Promise<void> {
    const { contentType, text } = await metricsText();
    void reply.type(contentType).send(text);
  }
}

function answer(reply: FastifyReply, report: HealthReport): void {
  void reply.status(report.ok ? 200 : 503).send({ status: report.ok ? 'ok' : 'failing', checks: report.checks });
}
