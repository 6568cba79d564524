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

  /** An agent with an account when there is a password, else one who cannot sign in yet. Fails when the address is taken. */
  async insertAgent(
    tx: Transaction,
    agent: Omit<NewAccount, 'passwordHash'> & { passwordHash?: string },
  ): Promise<string> {
    const id = randomUUID();
    await tx.execute(
      'agent_insert',
      'INSERT INTO agents (id, name, email, active, created_at) VALUES ($1, $2, lower($3), $4, now())',
      [id, agent.name, agent.email, agent.role !== 'analyst'],
    );
    if (agent.passwordHash !== undefined) await this.giveAccount(tx, id, agent.role, agent.passwordHash);
    return id;
  }

  /** Makes or changes what an agent signs in with. Without a hash the account, if there is one, keeps its password. */
  async giveAccount(
    tx: Transaction,
    id: string,
    role: Role | undefined,
    passwordHash: string | undefined,
  ): Promise<void> {
    if (passwordHash === undefined) {
      await tx.execute(
        'account_role',
        'UPDATE accounts SET role = coalesce($2, role), updated_at = now() WHERE id = $1',
        [id, role ?? null],
      );
      return;
    }
    await tx.execute(
      'account_give',
      `INSERT INTO accounts (id, email, name, role, password_hash, active, created_at, updated_at)
       SELECT id, email, name, coalesce($2, 'agent'), $3, true, now(), now() FROM agents WHERE id = $1
       ON CONFLICT (id) DO UPDATE SET role = coalesce($2, accounts.role), password_hash = excluded.password_hash, updated_at = now()`,
      [id, role ?? null, passwordHash],
    );
  }

  async renameOrRetire(
    tx: Transaction,
    id: string,
    change: { name?: string | undefined; active?: boolean | undefined },
  ) {
    const values = [id, change.name ?? null, change.active ?? null];
    const set = 'SET name = coalesce($2, name), active = coalesce($3, active)';
    await tx.execute('agent_change', `UPDATE agents ${set} WHERE id = $1`, values);
    await tx.execute('account_change', `UPDATE accounts ${set}, updated_at = now() WHERE id = $1`, values);
  }
}
