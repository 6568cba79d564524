import { Controller, HttpCode, Post, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { CurrentUser, type Principal, Roles } from '#auth';
import { callDirections, callOutcomes } from '#contracts';
import { Problem } from '#http';
import { parseLoggedCall, readLoggedCall } from '../normalize/logged-call.js';
import { PhoneIntake } from '../phone.intake.js';
import { AccountDirectory } from './account-directory.js';
import { assertKept, bytesOf } from './bodies.js';
import { parseObject } from './json-fields.js';

const bodySchema = {
  type: 'object',
  required: ['direction', 'startedAt', 'durationSeconds', 'outcome'],
  additionalProperties: false,
  properties: {
    account: { type: 'string', description: 'Needed where several telephone accounts are configured' },
    callId: { type: 'string', description: 'Makes a repetition harmless; else numbers, start and length do' },
    direction: { type: 'string', enum: [...callDirections] },
    from: { type: 'string' },
    to: { type: 'string' },
    startedAt: { type: 'string', format: 'date-time' },
    durationSeconds: { type: 'integer', minimum: 0 },
    outcome: { type: 'string', enum: [...callOutcomes] },
    note: { type: 'string' },
  },
};
const keptSchema = { type: 'object', properties: { id: { type: 'string', format: 'uuid' } } };

@ApiTags('calls')
@ApiBearerAuth()
@Controller('api/v1/calls')
export class CallsController {
  constructor(
    private readonly accounts: AccountDirectory,
    private readonly intake: PhoneIntake,
  ) {}

  @Roles('agent', 'supervisor', 'admin')
  @Post()
  @HttpCode(202)
  @ApiOperation({ summary: 'Write a call down: 202 once it is durable' })
  @ApiBody({ schema: bodySchema })
  @ApiResponse({ status: 202, schema: keptSchema })
  async log(@Req() request: FastifyRequest, @CurrentUser() user: Principal): Promise<{ id: string }> {
    const bytes = bytesOf(request);
    const body = parseObject(bytes);
    if (body === undefined) throw new Problem(400, 'invalid_json', 'The body is not a JSON object');
    const parsed = parseLoggedCall(body);
    if ('errors' in parsed)
      throw new Problem(422, 'validation_failed', 'Some fields are missing or wrong', { errors: parsed.errors });
    const outcome = await this.intake.receive({
      account: this.accounts.requireTelephone(parsed.call.account),
      bytes,
      contentType: 'application/json',
      receivedAt: new Date(),
      receivedVia: 'api',
      read: (context) => readLoggedCall(parsed.call, user.name || user.accountId, context),
    });
    assertKept(outcome);
    if (outcome?.kind !== 'accepted') throw new Problem(422, 'call_invalid', 'The call cannot be kept as it is');
    return { id: outcome.eventId };
  }
}
