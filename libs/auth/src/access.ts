import { createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import type { Role } from '#contracts';
import { ACCESS } from '#http';
import type { Principal } from './principal.js';

/** Who may call a route. A route without one is denied, and `assertRoutesDeclareAccess` refuses to start with it. */
export type Access = { readonly public: true } | { readonly roles: readonly Role[] };

/** Anybody may call: health of the caller's token is not looked at. */
export const Public = () => SetMetadata(ACCESS, { public: true } satisfies Access);

/** Only bearers of one of these roles may call. On a method it replaces what the class says. */
export const Roles = (...allowed: [Role, ...Role[]]) => SetMetadata(ACCESS, { roles: allowed } satisfies Access);

/** The part of a request that the guard fills in. */
export interface AuthenticatedRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  principal?: Principal;
}

/** Injects the caller's `Principal`; only on routes with `@Roles`. */
export const CurrentUser = createParamDecorator((_: unknown, context: ExecutionContext): Principal => {
  const { principal } = context.switchToHttp().getRequest<AuthenticatedRequest>();
  if (principal === undefined) throw new Error('CurrentUser on a route without @Roles');
  return principal;
});
