export { type Access, CurrentUser, Public, Roles } from './access.js';
export { AuthGuard } from './auth.guard.js';
export { AuthModule, type AuthModuleOptions } from './auth.module.js';
export { type FetchKeys, fetchKeysFrom } from './key-cache.js';
export type { Principal } from './principal.js';
export { assertRoutesDeclareAccess, listRouteAccess, type RouteAccess } from './route-access.js';
export {
  createSigningKey,
  defaultRotation,
  type KeyRing,
  keyRing,
  type RotationPolicy,
  type SigningKey,
} from './signing-keys.js';
export { TokenIssuer, type TokenIssuerOptions } from './token.issuer.js';
export { TokenError, type TokenErrorCode, TokenVerifier, type TokenVerifierOptions } from './token.verifier.js';
