import { Body, Controller, Get, Header, HttpCode, Post, Req } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Public } from '#auth';
import { clientAddress } from '#http';
import { Problems } from '../documentation.js';
import { JwkSetDto, RefreshDto, SessionDto, SignInDto } from './auth.dto.js';
import { SessionService } from './session.service.js';
import { SigningKeyRing } from './signing-key-ring.js';

const noToken = { token: false };

@ApiTags('auth')
@Public()
@Controller()
export class AuthController {
  constructor(
    private readonly sessions: SessionService,
    private readonly keys: SigningKeyRing,
  ) {}

  @ApiOperation({ summary: 'Sign in' })
  @ApiOkResponse({ type: SessionDto })
  @Problems({ 401: ['credentials_wrong'], 429: ['too_many_attempts'] }, noToken)
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @Post('api/v1/auth/token')
  signIn(@Body() { email, password }: SignInDto, @Req() request: FastifyRequest): Promise<SessionDto> {
    return this.sessions.signIn(email, password, clientAddress(request));
  }

  @ApiOperation({ summary: 'Exchange a refresh token; a second use of the same one ends the session' })
  @ApiOkResponse({ type: SessionDto })
  @Problems({ 401: ['refresh_token_invalid', 'refresh_token_reused'] }, noToken)
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @Post('api/v1/auth/refresh')
  refresh(@Body() { refreshToken }: RefreshDto): Promise<SessionDto> {
    return this.sessions.refresh(refreshToken);
  }

  @ApiOperation({ summary: 'End the session; its access token lives on for at most 15 minutes' })
  @ApiNoContentResponse()
  @Problems({}, noToken)
  @HttpCode(204)
  @Post('api/v1/auth/logout')
  signOut(@Body() { refreshToken }: RefreshDto): Promise<void> {
    return this.sessions.signOut(refreshToken);
  }

  @ApiOperation({ summary: 'The public keys under our access tokens (JSON Web Key Set)' })
  @ApiOkResponse({ type: JwkSetDto })
  @Problems({}, noToken)
  @Header('Cache-Control', 'public, max-age=300')
  @Get('.well-known/jwks.json')
  async publicKeys(): Promise<JwkSetDto> {
    return (await this.keys.published()) as unknown as JwkSetDto;
  }
}
