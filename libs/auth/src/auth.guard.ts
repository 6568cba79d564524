import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ACCESS, Problem } from '#http';
import type { Access, AuthenticatedRequest } from './access.js';
import type { Principal } from './principal.js';
import { TokenError, type TokenErrorCode, TokenVerifier } from './token.verifier.js';

const refusals = {
  token_invalid: () =>
    new Problem(401, 'token_invalid', 'The access token is not valid', {
      headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' },
    }),
  token_expired: () =>
    new Problem(401, 'token_expired', 'The access token has expired', {
      headers: { 'WWW-Authenticate': 'Bearer error="invalid_token", error_description="expired"' },
    }),
  // Not 401: the caller's token may be good, and a 401 would sign everybody out while the issuer restarts.
  keys_unavailable: () =>
    new Problem(503, 'keys_unavailable', 'Access tokens cannot be checked right now', {
      headers: { 'Retry-After': '5' },
    }),
} satisfies Record<TokenErrorCode, () => Problem>;

/** Global guard: denies unless the route is public or the bearer has a role that the route names. */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly verifier: TokenVerifier,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    // Kafka handlers run through guards too when an app inherits its configuration; messages have no bearer.
    if (context.getType() !== 'http') return true;
    const access = this.reflector.getAllAndOverride<Access | undefined>(ACCESS, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (access !== undefined && 'public' in access) return true;
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const principal = await this.identify(request);
    if (access === undefined || !access.roles.includes(principal.role)) {
      throw new Problem(403, 'forbidden', 'Your role does not allow this');
    }
    request.principal = principal;
    return true;
  }

  private async identify(request: AuthenticatedRequest): Promise<Principal> {
    const header = request.headers['authorization'];
    const token = typeof header === 'string' ? /^bearer ([\w.~+/=-]+)$/i.exec(header)?.[1] : undefined;
    if (token === undefined) {
      throw new Problem(401, 'token_missing', 'This needs an access token', {
        headers: { 'WWW-Authenticate': 'Bearer' },
      });
    }
    return this.verifier.verify(token).catch((error: unknown) => {
      throw error instanceof TokenError ? refusals[error.code]() : error;
    });
  }
}
