import { generateKeyPairSync } from 'node:crypto';
import { exportJWK, importJWK, type JSONWebKeySet, SignJWT, UnsecuredJWT } from 'jose';
import type { Principal } from './principal.js';
import { createSigningKey, keyRing, type SigningKey } from './signing-keys.js';
import { TokenIssuer } from './token.issuer.js';
import { TokenVerifier } from './token.verifier.js';

const issuer = 'https://tickets.example.org';
const audience = 'phan-hoi';
const start = new Date('2026-11-22T08:00:00Z');
const later = (seconds: number) => new Date(start.getTime() + seconds * 1000);
const supervisor: Principal = { accountId: 'a-1', role: 'supervisor', name: 'Trần Thị Bình', agentId: 'g-1' };

async function setUp() {
  const key = await createSigningKey(start);
  let set: JSONWebKeySet = keyRing([key], start).published;
  const state = { now: start, fetches: 0, away: false };
  const verifier = new TokenVerifier({
    issuer,
    audience,
    clock: () => state.now,
    fetchKeys: async () => {
      state.fetches++;
      if (state.away) throw new Error('away');
      return set;
    },
  });
  const issue = (principal = supervisor, signer: SigningKey = key, overrides = {}) =>
    new TokenIssuer({ issuer, audience, signingKey: async () => signer, clock: () => state.now, ...overrides })
      .issue(principal)
      .then(({ accessToken }) => accessToken);
  return { key, state, verifier, issue, publish: (next: JSONWebKeySet) => (set = next) };
}

/** A token like ours in all but what the test changes. */
async function forged(key: SigningKey, change: { header?: object; claims?: object; signWith?: Uint8Array } = {}) {
  const now = Math.floor(start.getTime() / 1000);
  const claims = { role: 'admin', sub: 'a-1', iss: issuer, aud: audience, iat: now, exp: now + 900, ...change.claims };
  const header = { alg: 'EdDSA', typ: 'at+jwt', kid: key.kid, ...change.header };
  return new SignJWT(claims)
    .setProtectedHeader(header)
    .sign(change.signWith ?? (await importJWK(key.privateJwk, 'EdDSA')));
}

describe('an access token', () => {
  it('carries the principal from the issuer to any verifier and lives 15 minutes', async () => {
    const { verifier, issue, state } = await setUp();
    const token = await issue();
    expect(await verifier.verify(token)).toEqual(supervisor);
    state.now = later(904);
    expect(await verifier.verify(token)).toEqual(supervisor);
    state.now = later(906);
    await expect(verifier.verify(token)).rejects.toThrow('token_expired');
  });

  it('publishes no private part', async () => {
    const key = await createSigningKey(start);
    expect(keyRing([key], start).published.keys.map((jwk) => Object.keys(jwk).sort())).toEqual([
      ['alg', 'crv', 'kid', 'kty', 'use', 'x'],
    ]);
  });

  it.each([
    ['another audience', { audience: 'other' }],
    ['another issuer', { issuer: 'https://evil.example' }],
  ])('is refused for %s', async (_, overrides) => {
    const { verifier, issue, key } = await setUp();
    await expect(verifier.verify(await issue(supervisor, key, overrides))).rejects.toThrow('token_invalid');
  });

  it.each([
    ['no expiry', { claims: { exp: undefined } }],
    ['no subject', { claims: { sub: undefined } }],
    ['an unknown role', { claims: { role: 'root' } }],
    ['another type, such as an id token', { header: { typ: 'JWT' } }],
  ])('is refused with %s though well signed', async (_, change) => {
    const { verifier, key } = await setUp();
    await expect(verifier.verify(await forged(key, change))).rejects.toThrow('token_invalid');
  });

  it('is refused unsigned (alg none)', async () => {
    const { verifier } = await setUp();
    const token = new UnsecuredJWT({ role: 'admin' })
      .setSubject('a-1')
      .setIssuer(issuer)
      .setAudience(audience)
      .encode();
    await expect(verifier.verify(token)).rejects.toThrow('token_invalid');
  });

  it('is refused when the public key was used as an HMAC secret (alg confusion)', async () => {
    const { verifier, key } = await setUp();
    const publicBytes = Buffer.from(key.privateJwk.x ?? '', 'base64url');
    const token = await forged(key, { header: { alg: 'HS256' }, signWith: publicBytes });
    await expect(verifier.verify(token)).rejects.toThrow('token_invalid');
  });

  it('is refused under a key that the header brings along', async () => {
    const { verifier, key } = await setUp();
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const own = { ...key, privateJwk: await exportJWK(privateKey) };
    const token = await forged(own, { header: { jwk: await exportJWK(publicKey) } });
    await expect(verifier.verify(token)).rejects.toThrow('token_invalid');
  });

  it.each(['', 'x', 'a.b.c', '.'.repeat(50), 'eyJhbGciOiJFZERTQSJ9..', 'ệ'])(
    'that is no token (%j) is refused',
    async (text) => {
      const { verifier } = await setUp();
      await expect(verifier.verify(text)).rejects.toThrow('token_invalid');
    },
  );
});

describe('the keys', () => {
  it('are fetched at the first token, once for many at a time', async () => {
    const { verifier, issue, state } = await setUp();
    const token = await issue();
    expect(state.fetches).toBe(0);
    await Promise.all(Array.from({ length: 20 }, () => verifier.verify(token)));
    expect(state.fetches).toBe(1);
  });

  it('are used up to 24 hours while the issuer is away, and not after', async () => {
    const { verifier, issue, state } = await setUp();
    await verifier.verify(await issue());
    state.away = true;
    state.now = later(23 * 3600);
    expect(await verifier.verify(await issue())).toEqual(supervisor);
    state.now = later(24 * 3600 + 1);
    await expect(issue().then((token) => verifier.verify(token))).rejects.toThrow('keys_unavailable');
  });

  it('that cannot be had at first make the verifier unable, not the token invalid, and are asked for again', async () => {
    const { verifier, issue, state } = await setUp();
    state.away = true;
    await expect(issue().then((token) => verifier.verify(token))).rejects.toThrow('keys_unavailable');
    state.away = false;
    state.now = later(2);
    expect(await verifier.verify(await issue())).toEqual(supervisor);
  });

  it('are fetched anew for a rotated key, and forged key ids cost no fetch each', async () => {
    const { verifier, issue, state, key, publish } = await setUp();
    const old = await issue();
    await verifier.verify(old);
    const successor = await createSigningKey(later(60));
    publish(keyRing([key, successor], later(60)).published);
    state.now = later(60);
    expect(await verifier.verify(await issue(supervisor, successor))).toEqual(supervisor);
    expect(await verifier.verify(old)).toEqual(supervisor);
    expect(state.fetches).toBe(2);
    state.now = later(70);
    const strangers = await Promise.all(Array.from({ length: 10 }, () => createSigningKey(start)));
    const outcomes = await Promise.allSettled(
      strangers.map(async (stranger) => verifier.verify(await forged(stranger))),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(Array(10).fill('rejected'));
    expect(state.fetches).toBe(3);
  });

  it('that the issuer took back are refused after the next fetch', async () => {
    const { verifier, issue, state, publish } = await setUp();
    await verifier.verify(await issue());
    publish({ keys: [] });
    state.now = later(11 * 60);
    await verifier.verify(await issue());
    await new Promise(setImmediate);
    await expect(issue().then((token) => verifier.verify(token))).rejects.toThrow('token_invalid');
  });
});
