import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { AccessTokens, TokenPairRepository } from '#intake';
import type { Logger } from '#observability';
import type { Mailbox, OAuthCredentials } from '../accounts.js';
import { TokenExchange } from './token-exchange.js';

/** What a mail server is shown. */
export type Secret = { readonly password: string } | { readonly accessToken: string };

/** There is nothing to show it: soon again (`later`), or when a person has signed in (`reauthorize`). */
export class SignInUnavailable extends Error {
  constructor(
    readonly code: 'later' | 'reauthorize',
    detail: string,
  ) {
    super(detail);
    this.name = 'SignInUnavailable';
  }
}

/** How one mailbox signs in, at IMAP and SMTP alike. */
export interface SignIn {
  /** @throws SignInUnavailable */
  secret(): Promise<Secret>;
  /** The server did not take it: the next one is another where there can be another. */
  refused(secret: Secret): void;
}

const lookAfterMs = 10 * 60_000;

/** The sign-in of every mailbox. Access tokens are renewed before they end, by one replica of all. */
@Injectable()
export class SignIns implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly tokens = new Map<string, AccessTokens>();
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(
    @Inject(TokenPairRepository) private readonly repository: TokenPairRepository,
    @Inject('LOGGER') private readonly logger: Logger,
  ) {}

  of(mailbox: Mailbox): SignIn {
    const { credentials } = mailbox;
    if ('password' in credentials) return passwordSignIn(credentials.password);
    const tokens = this.tokens.get(mailbox.id) ?? this.begin(mailbox.id, credentials);
    return tokenSignIn(tokens);
  }

  onApplicationBootstrap(): void {
    this.running = this.lookAfter();
  }

  async onModuleDestroy(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private begin(account: string, credentials: OAuthCredentials): AccessTokens {
    const { repository, logger } = this;
    const provider = new TokenExchange(credentials);
    const tokens = new AccessTokens({
      account,
      refreshToken: credentials.refreshToken,
      exchange: (refreshToken) => provider.exchange(refreshToken),
      repository,
      logger,
    });
    this.tokens.set(account, tokens);
    return tokens;
  }

  /** Also of a mailbox that is quiet: a refresh token that nobody uses ends too. */
  private async lookAfter(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      for (const [account, tokens] of this.tokens) {
        await tokens
          .keep()
          .catch((error: unknown) => this.logger.warn({ err: error, account }, 'an access token waits to be renewed'));
      }
      await delay(lookAfterMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

function passwordSignIn(password: string): SignIn {
  return { secret: () => Promise.resolve({ password }), refused: () => undefined };
}

function tokenSignIn(tokens: AccessTokens): SignIn {
  return {
    async secret() {
      const access = await tokens.access();
      switch (access.kind) {
        case 'token':
          return { accessToken: access.token };
        case 'later':
          throw new SignInUnavailable('later', access.detail);
        case 'reauthorize':
          throw new SignInUnavailable('reauthorize', 'somebody must sign in for this account again');
      }
    },
    refused(secret) {
      if ('accessToken' in secret) tokens.reject(secret.accessToken);
    },
  };
}
