import { Controller, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { ApiConsumes, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '#auth';
import { PUBLIC_URL } from '../../env.js';
import { e164Of } from '../../normalize/number.js';
import { DeliveryStates } from '../../outbound/delivery-states.js';
import { PhoneIntake } from '../../phone.intake.js';
import { AccountDirectory } from '../account-directory.js';
import type { TwilioAccount } from '../accounts.js';
import { sendEmptyTwiml } from '../bodies.js';
import { keepPushed, signedBytes } from '../signed-request.js';
import { readTwilioCall, readTwilioSms } from './twilio-events.js';
import { formParameters, isSignedByTwilio } from './twilio-signature.js';
import { transitionOfTwilio } from './twilio-states.js';

const contentType = 'application/x-www-form-urlencoded';

@ApiTags('webhooks')
@ApiConsumes(contentType)
@ApiResponse({ status: 200, description: 'Empty TwiML, once it is durable' })
@ApiResponse({ status: 403, description: 'signature_invalid: nothing is kept' })
@Public()
@Controller('webhooks/twilio/:account')
export class TwilioController {
  constructor(
    private readonly accounts: AccountDirectory,
    private readonly intake: PhoneIntake,
    private readonly states: DeliveryStates,
    @Inject(PUBLIC_URL) private readonly publicUrl: string,
  ) {}

  @Post('sms')
  @ApiOperation({ summary: 'An incoming SMS or MMS' })
  async sms(@Param('account') id: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const named = this.accounts.require(id, 'twilio', 'sms');
    const bytes = this.verified(named, request);
    const { MessagingServiceSid: service, To: to } = formParameters(bytes);
    const account = this.accounts.ownerOf(named, String(service ?? ''), e164Of(String(to ?? '')));
    await keepPushed(this.intake, { account, bytes, contentType, read: (context) => readTwilioSms(bytes, context) });
    sendEmptyTwiml(reply);
  }

  @Post('sms-status')
  @ApiOperation({ summary: 'What became of an SMS of ours' })
  async status(
    @Param('account') id: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const bytes = this.verified(this.accounts.require(id, 'twilio', 'sms'), request);
    const replyId = new URL(request.url, this.publicUrl).searchParams.get('reply') ?? '';
    await this.states.apply(replyId, transitionOfTwilio(formParameters(bytes)));
    sendEmptyTwiml(reply);
  }

  @Post('voice-status')
  @ApiOperation({ summary: 'The state of a call; only its end is kept' })
  async voice(@Param('account') id: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const account = this.accounts.require(id, 'twilio', 'phone');
    const bytes = this.verified(account, request);
    await keepPushed(this.intake, { account, bytes, contentType, read: (context) => readTwilioCall(bytes, context) });
    sendEmptyTwiml(reply);
  }

  private verified(account: TwilioAccount, request: FastifyRequest): Buffer {
    const url = `${this.publicUrl}${request.url}`;
    const signature = request.headers['x-twilio-signature'];
    return signedBytes(this.intake, account, request, (bytes) => isSignedByTwilio(account, url, bytes, signature));
  }
}
