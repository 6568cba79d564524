import { Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '#auth';
import { Problem } from '#http';
import { problemOfBusy, problemOfRefusal } from '#intake';
import { SocialIntake, type WebhookOutcome } from '../social.intake.js';
import { AccountDirectory, type SocialAccount } from './account-directory.js';

/** Public: the networks prove themselves by their signatures. */
@ApiTags('webhooks')
@Controller('webhooks')
export class WebhookController {
  constructor(
    private readonly intake: SocialIntake,
    private readonly accounts: AccountDirectory,
  ) {}

  @Public()
  @Post(':provider/:account')
  @HttpCode(200)
  @ApiOperation({ summary: 'A network delivers: 200 once everything in it is durable' })
  @ApiResponse({ status: 200, description: 'Kept; a repetition has no further effect' })
  @ApiResponse({ status: 401, description: 'The signature is missing or wrong: nothing is kept' })
  @ApiResponse({ status: 503, description: 'Nothing could keep it: send it again' })
  async deliver(
    @Param('provider') provider: string,
    @Param('account') id: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const outcome = await this.intake.receive(this.find(provider, id), { body, headers: request.headers });
    answer(reply, outcome);
  }

  @Public()
  @Get(':provider/:account')
  @ApiOperation({ summary: 'A network asks whether the address is ours (hub.challenge)' })
  challenge(
    @Param('provider') provider: string,
    @Param('account') id: string,
    @Query() query: Record<string, unknown>,
    @Res() reply: FastifyReply,
  ): void {
    const echo = this.find(provider, id).network.challenge?.(query);
    if (echo === undefined) throw new Problem(403, 'challenge_refused', 'The verify token is missing or wrong');
    void reply
      .header('content-type', 'text/plain; charset=utf-8')
      .header('x-content-type-options', 'nosniff')
      .send(echo);
  }

  private find(provider: string, id: string): SocialAccount {
    const account = this.accounts.find(provider, id);
    if (account === undefined) throw new Problem(404, 'unknown_account', 'There is no such account');
    return account;
  }
}

function answer(reply: FastifyReply, outcome: WebhookOutcome): void {
  switch (outcome.kind) {
    case 'done':
      void reply.header('content-type', 'text/plain; charset=utf-8').send('OK');
      return;
    case 'refused':
      throw problemOfRefusal(outcome.refusal);
    case 'busy':
      throw problemOfBusy(outcome);
  }
}
