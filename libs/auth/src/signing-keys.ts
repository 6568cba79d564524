import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, type JSONWebKeySet, type JWK } from 'jose';

/** The one algorithm that we sign with and accept: Ed25519. A second one would need a reason, never a header's word. */
export const signatureAlgorithm = 'EdDSA';

/** A signing key as the issuer stores it; `privateJwk` must leave neither the issuer's database nor its process. */
export interface SigningKey {
  readonly kid: string;
  readonly privateJwk: JWK;
  readonly createdAt: Date;
}

export interface RotationPolicy {
  /** A successor is made when the newest key is older than this. */
  readonly rotateAfterMs: number;
  /** A key is published this long before it signs, so that verifiers who cache the set know it by then. */
  readonly publishAheadMs: number;
  /** A key stays published this long after it signed last. */
  readonly keepPublishedMs: number;
}

const day = 24 * 3_600_000;
export const defaultRotation: RotationPolicy = { rotateAfterMs: 30 * day, publishAheadMs: day, keepPublishedMs: day };

export interface KeyRing {
  /** Signs now; undefined only when there is no key at all. */
  readonly signing: SigningKey | undefined;
  /** What verifiers may trust now: public parts only. */
  readonly published: JSONWebKeySet;
  readonly needsSuccessor: boolean;
  /** Ids of keys that nothing can depend on any more. */
  readonly expired: readonly string[];
}

/** Makes a fresh Ed25519 key pair. */
export async function createSigningKey(now: Date): Promise<SigningKey> {
  const { privateKey } = await generateKeyPair(signatureAlgorithm, { extractable: true });
  return { kid: randomUUID(), privateJwk: await exportJWK(privateKey), createdAt: now };
}

function publicJwk({ kid, privateJwk }: SigningKey): JWK {
  const { kty, crv, x } = privateJwk;
  return { kty, crv, x, kid, alg: signatureAlgorithm, use: 'sig' } as JWK;
}

/** Decides, for a set of stored keys and a moment, which key signs and which are published. Pure: all replicas agree. */
export function keyRing(keys: readonly SigningKey[], now: Date, policy: RotationPolicy = defaultRotation): KeyRing {
  const ordered = [...keys].sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime() || (a.kid < b.kid ? -1 : 1));
  const at = now.getTime();
  const signsFrom = (key: SigningKey) => key.createdAt.getTime() + policy.publishAheadMs;
  const expired = ordered.filter((_, index) => {
    const successor = ordered[index + 1];
    return successor !== undefined && signsFrom(successor) + policy.keepPublishedMs <= at;
  });
  const published = ordered.filter((key) => !expired.includes(key));
  const newest = ordered.at(-1);
  return {
    signing: published.findLast((key) => signsFrom(key) <= at) ?? published[0],
    published: { keys: published.map(publicJwk) },
    needsSuccessor: newest === undefined || newest.createdAt.getTime() + policy.rotateAfterMs <= at,
    expired: expired.map(({ kid }) => kid),
  };
}
