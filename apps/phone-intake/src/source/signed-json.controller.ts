import { Controller, HttpCode, Param, Post, Req } from '@nestjs/common';
import { ApiConsumes, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Public } from '#auth';
import type { PhoneContext, Read } from '../normalize/context.js';
import { DeliveryStates } from '../outbound/delivery-states.js';
import { PhoneIntake } from '../phone.intake.js';
import { AccountDirectory } from './account-directory.js';
import type { GatewayAccount, PbxAccount } from './accounts.js';
import { readGatewaySms } from './gateway/gateway-events.js';
import { transitionOfGateway } from './gateway/gateway-states.js';
import { readPbxCall } from './pbx-events.js';
import { isSigned } from './signature.js';
import { keepPushed, signedBytes } from './signed-request.js';

const contentType = 'application/json';

/** Gateways and exchanges that sign JSON; the account's options name the fields. */
@ApiTags('webhooks')
@ApiConsumes(contentType)
@ApiResponse({ status: 204, description: 'Durable' })
@ApiResponse({ status: 403, description: 'signature_invalid: nothing is kept' })
@Public()
@Controller('webhooks')
export class SignedJsonController {
  constructor(
    private readonly accounts: AccountDirectory,
    private readonly intake: PhoneIntake,
    private readonly states: DeliveryStates,
  ) {}

  @Post('sms/:account')
  @HttpCode(204)
  @ApiOperation({ summary: 'An incoming SMS from a gateway' })
  async sms(@Param('account') id: string, @Req() request: FastifyRequest): Promise<void> {
    const account = this.accounts.require(id, 'gateway', 'sms');
    await this.keep(account, request, (bytes, context) => readGatewaySms(bytes, account.options, context));
  }

  @Post('sms/:account/status')
  @HttpCode(204)
  @ApiOperation({ summary: 'What became of an SMS of ours' })
  async status(@Param('account') id: string, @Req() request: FastifyRequest): Promise<void> {
    const account = this.accounts.require(id, 'gateway', 'sms');
    const { replyId, transition } = transitionOfGateway(this.verified(account, request), account.options);
    await this.states.apply(replyId, transition);
  }

  @Post('pbx/:account')
  @HttpCode(204)
  @ApiOperation({ summary: 'A call that is over, from an exchange' })
  async call(@Param('account') id: string, @Req() request: FastifyRequest): Promise<void> {
    const account = this.accounts.require(id, 'pbx', 'phone');
    await this.keep(account, request, (bytes, context) => readPbxCall(bytes, account.options, context));
  }

  private async keep(
    account: GatewayAccount | PbxAccount,
    request: FastifyRequest,
    read: (bytes: Buffer, context: PhoneContext) => Read,
  ): Promise<void> {
    const bytes = this.verified(account, request);
    await keepPushed(this.intake, { account, bytes, contentType, read: (context) => read(bytes, context) });
  }

  private verified(account: GatewayAccount | PbxAccount, request: FastifyRequest): Buffer {
    const { secrets, options } = account;
    return signedBytes(this.intake, account, request, (bytes) =>
      isSigned(bytes, request.headers, options.signature, secrets),
    );
  }
}
