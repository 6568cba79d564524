import { Injectable } from '@nestjs/common';
import { TokenIssuer } from '#auth';
import { Problem } from '#http';
import { AccountRepository, type StoredAccount } from '../../store/account.repository.js';
import { AuditRepository } from '../../store/audit.repository.js';
import { LoginThrottle } from '../../store/login-throttle.js';
import { RefreshTokenRepository } from '../../store/refresh-token.repository.js';
import { checkNobody, isPassword } from './password.js';

export interface Session {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** Seconds until the access token ends. */
  readonly expiresIn: number;
}

const refusedRefresh = (code: string, title: string) =>
  new Problem(401, code, title, { headers: { 'WWW-Authenticate': 'Bearer' } });

/** Sign-in, its continuation and its end. */
@Injectable()
export class SessionService {
  constructor(
    private readonly accounts: AccountRepository,
    private readonly refreshTokens: RefreshTokenRepository,
    private readonly throttle: LoginThrottle,
    private readonly issuer: TokenIssuer,
    private readonly audit: AuditRepository,
  ) {}

  async signIn(email: string, password: string, address: string): Promise<Session> {
    const verdict = await this.throttle.attempt(email, address);
    if (verdict.kind === 'wait') {
      throw new Problem(429, 'too_many_attempts', 'Too many attempts to sign in', {
        headers: { 'Retry-After': String(verdict.seconds) },
      });
    }
    const account = await this.accounts.findByEmail(email);
    const right =
      account === undefined ? await checkNobody(password) : await isPassword(account.passwordHash, password);
    if (account === undefined || !right || !account.active) {
      if (account !== undefined) await this.note('sign_in_failed', account.id);
      throw new Problem(401, 'credentials_wrong', 'The address or the password is wrong');
    }
    await this.throttle.succeeded(email, address);
    await this.note('signed_in', account.id);
    return this.session(account, await this.refreshTokens.open(account.id));
  }

  async refresh(token: string): Promise<Session> {
    const exchange = await this.refreshTokens.exchange(token);
    if (exchange.kind === 'reused') {
      await this.note('refresh_token_reused', exchange.accountId);
      throw refusedRefresh('refresh_token_reused', 'The refresh token was used before: the session has ended');
    }
    if (exchange.kind === 'refused') {
      throw refusedRefresh('refresh_token_invalid', 'The refresh token is not valid, or its session has ended');
    }
    const account = await this.accounts.findById(exchange.accountId);
    if (account === undefined || !account.active) {
      throw refusedRefresh('refresh_token_invalid', 'The refresh token is not valid, or its session has ended');
    }
    return this.session(account, exchange.refreshToken);
  }

  /** Also quiet for a token that nobody has: whoever signs out is signed out. */
  async signOut(token: string): Promise<void> {
    const accountId = await this.refreshTokens.close(token);
    if (accountId !== undefined) await this.note('signed_out', accountId);
  }

  private async session({ id, role, name }: StoredAccount, refreshToken: string): Promise<Session> {
    const principal = { accountId: id, role, name, ...(role === 'analyst' ? {} : { agentId: id }) };
    return { ...(await this.issuer.issue(principal)), refreshToken };
  }

  private note(action: 'signed_in' | 'sign_in_failed' | 'signed_out' | 'refresh_token_reused', id: string) {
    return this.audit.appendAlone({ actorId: id, action, subject: `account:${id}` });
  }
}
