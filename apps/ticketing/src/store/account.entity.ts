import type { Role } from '#contracts';
import { Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';

/** Who may sign in. Accounts that work on tickets (all roles but analyst) have an agent with the same id. */
@Entity({ name: 'accounts' })
@Unique('accounts_email', ['email'])
export class Account {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'accounts_pkey' })
  id: string;
  /** Lower case. */
  @Column('text')
  email: string;
  @Column('text')
  name: string;
  @Column('text')
  role: Role;
  /** argon2id in PHC form. */
  @Column('text', { name: 'password_hash' })
  passwordHash: string;
  @Column('boolean', { default: true })
  active: boolean;
  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;
  @Column('timestamptz', { name: 'updated_at' })
  updatedAt: Date;
}

/** One use of a session. All tokens that came out of one sign-in share the family. */
@Entity({ name: 'refresh_tokens' })
@Index('refresh_tokens_family', ['family'])
@Index('refresh_tokens_account', ['accountId'])
@Index('refresh_tokens_expires', ['expiresAt'])
export class RefreshToken {
  /** sha256 of the token: a stolen copy of the table opens nothing. */
  @PrimaryColumn('bytea', { name: 'token_hash', primaryKeyConstraintName: 'refresh_tokens_pkey' })
  tokenHash: Buffer;
  @Column('uuid')
  family: string;
  @Column('uuid', { name: 'account_id' })
  @ForeignKey(() => Account, { onDelete: 'CASCADE', name: 'refresh_tokens_account_id' })
  accountId: string;
  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;
  @Column('timestamptz', { name: 'expires_at' })
  expiresAt: Date;
  /** Set when it was exchanged; a second use means that a copy is about, and ends the family. */
  @Column('timestamptz', { name: 'used_at', nullable: true })
  usedAt: Date | null;
  @Column('timestamptz', { name: 'revoked_at', nullable: true })
  revokedAt: Date | null;
}

@Entity({ name: 'signing_keys' })
export class SigningKeyRecord {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'signing_keys_pkey' })
  kid: string;
  @Column('jsonb', { name: 'private_jwk' })
  privateJwk: unknown;
  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;
}

/** Secrets that all replicas share and nobody has to configure, such as the one under the cursors. */
@Entity({ name: 'api_secrets' })
export class ApiSecret {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'api_secrets_pkey' })
  name: string;
  @Column('bytea')
  value: Buffer;
}

/** Counters of rate-limiter-flexible; its statements fix names and order of the columns. */
@Entity({ name: 'login_throttle' })
export class LoginThrottleCounter {
  @PrimaryColumn('varchar', { length: 255, primaryKeyConstraintName: 'login_throttle_pkey' })
  key: string;
  @Column('integer', { default: 0 })
  points: number;
  @Column('bigint', { nullable: true })
  expire: string | null;
}
