import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Role } from '#contracts';
import { Database, type Transaction } from '#postgres';

export interface StoredAccount {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly passwordHash: string;
  readonly active: boolean;
}

export interface NewAccount {
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly passwordHash: string;
}

const columns = `id, email, name, role, password_hash AS "passwordHash", active`;

/** Accounts, and the agents that share their ids. */
@Injectable()
export class AccountRepository {
  constructor(private readonly database: Database) {}

  async findByEmail(email: string): Promise<StoredAccount | undefined> {
    const [account] = await this.database.query<StoredAccount>({
      name: 'account_by_email',
      text: `SELECT ${columns} FROM accounts WHERE email = lower($1)`,
      values: [email],
    });
    return account;
  }

  async findById(id: string): Promise<StoredAccount | undefined> {
    const [account] = await this.database.query<StoredAccount>({
      name: 'account_by_id',
      text: `SELECT ${columns} FROM accounts WHERE id = $1`,
      values: [id],
    });
    return account;
  }

  /** Writes the account and its agent; an existing one of that address takes over name, role and password and is active again. */
  async upsert(tx: Transaction, account: NewAccount): Promise<string> {
    const [row] = await tx.query<{ id: string }>(
      'account_upsert',
      `INSERT INTO accounts (id, email, name, role, password_hash, active, created_at, updated_at)
       VALUES (coalesce((SELECT id FROM agents WHERE email = lower($2)), $1), lower($2), $3, $4, $5, true, now(), now())
       ON CONFLICT (email) DO UPDATE
         SET name = excluded.name, role = excluded.role, password_hash = excluded.password_hash, active = true, updated_at = now()
       RETURNING id`,
      [randomUUID(), account.email, account.name, account.role, account.passwordHash],
    );
    const id = row?.id ?? '';
    await tx.execute(
      'account_agent_upsert',
      `INSERT INTO agents (id, name, email, active, created_at) VALUES ($1, $2, lower($3), $4, now())
       ON CONFLICT (id) DO UPDATE SET name = excluded.name, email = excluded.email, active = excluded.active`,
      [id, account.name, account.email, account.role !== 'analyst'],
    );
    return id;
  }
}
