import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { createSigningKey, keyRing, type SigningKey } from '#auth';
import { Database } from '#postgres';

const read = `SELECT kid, private_jwk AS "privateJwk", created_at AS "createdAt" FROM signing_keys`;

/** The keys under access tokens and cursors: in the database, so that all replicas share them and none must be configured. */
@Injectable()
export class SigningKeyRepository {
  constructor(private readonly database: Database) {}

  async load(): Promise<SigningKey[]> {
    return this.database.query<SigningKey>({ name: 'signing_keys', text: read });
  }

  /** Makes the successor that is due and removes keys that nothing depends on; replicas that come at once wait and find it done. */
  async rotate(): Promise<SigningKey[]> {
    return this.database.transaction(async (tx) => {
      await tx.query('signing_keys_lock', `SELECT pg_advisory_xact_lock(hashtextextended('signing_keys', 0))`);
      const keys = await tx.query<SigningKey>('signing_keys_locked', read);
      const ring = keyRing(keys, new Date());
      if (ring.expired.length > 0) {
        await tx.execute('signing_keys_remove', 'DELETE FROM signing_keys WHERE kid = ANY($1::uuid[])', [ring.expired]);
      }
      if (!ring.needsSuccessor) return keys.filter(({ kid }) => !ring.expired.includes(kid));
      const key = await createSigningKey(new Date());
      await tx.execute(
        'signing_keys_insert',
        'INSERT INTO signing_keys (kid, private_jwk, created_at) VALUES ($1, $2, $3)',
        [key.kid, JSON.stringify(key.privateJwk), key.createdAt],
      );
      return [...keys, key];
    });
  }

  /** 32 random bytes that stay the same for ever; made at the first call. */
  async secret(name: string): Promise<Buffer> {
    await this.database.execute({
      name: 'api_secret_make',
      text: 'INSERT INTO api_secrets (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING',
      values: [name, randomBytes(32)],
    });
    const [row] = await this.database.query<{ value: Buffer }>({
      name: 'api_secret',
      text: 'SELECT value FROM api_secrets WHERE name = $1',
      values: [name],
    });
    if (row === undefined) throw new Error(`the secret ${name} vanished`);
    return row.value;
  }
}
