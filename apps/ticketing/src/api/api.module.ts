import { type DynamicModule, Module } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { AuthModule, TokenIssuer } from '#auth';
import { AccountRepository } from '../store/account.repository.js';
import { AnswerRepository } from '../store/answer.repository.js';
import { AuditRepository } from '../store/audit.repository.js';
import { IdempotencyRepository } from '../store/idempotency.repository.js';
import { LoginThrottle } from '../store/login-throttle.js';
import { RefreshTokenRepository } from '../store/refresh-token.repository.js';
import { SigningKeyRepository } from '../store/signing-key.repository.js';
import { StaffRepository } from '../store/staff.repository.js';
import { TicketListRepository } from '../store/ticket-list.repository.js';
import { TicketReadRepository } from '../store/ticket-read.repository.js';
import { AuthController } from './auth/auth.controller.js';
import { BootstrapAccounts } from './auth/bootstrap-accounts.js';
import { SessionService } from './auth/session.service.js';
import { SigningKeyRing } from './auth/signing-key-ring.js';
import { Cursors } from './cursors.js';
import { DatabaseProblemInterceptor } from './database-problem.interceptor.js';
import { API_SETTINGS, type ApiSettings } from './settings.js';
import { TicketAccess } from './ticket-access.js';
import { TicketCommandController } from './tickets/ticket-command.controller.js';
import { TicketWriting } from './tickets/ticket-writing.js';
import { TicketCommands } from './tickets/ticket.commands.js';
import { TicketController } from './tickets/ticket.controller.js';
import { TicketReader } from './tickets/ticket.reader.js';

/** Keys by themselves: the guard needs them before anything else of the API exists. */
@Module({ providers: [SigningKeyRepository, SigningKeyRing], exports: [SigningKeyRepository, SigningKeyRing] })
class SigningKeyModule {}

const repositories = [
  AccountRepository,
  AnswerRepository,
  AuditRepository,
  IdempotencyRepository,
  LoginThrottle,
  RefreshTokenRepository,
  StaffRepository,
  TicketListRepository,
  TicketReadRepository,
];

/** The HTTP side of ticketing. Needs PostgresModule, ServiceModule and StoreModule, all global. */
@Module({})
export class ApiModule {
  static forRoot(settings: ApiSettings): DynamicModule {
    const { TOKEN_ISSUER: issuer, TOKEN_AUDIENCE: audience } = settings;
    return {
      module: ApiModule,
      imports: [
        SigningKeyModule,
        AuthModule.forRootAsync({
          imports: [SigningKeyModule],
          inject: [SigningKeyRing],
          // Our own verifier reads the keys where they are, not over HTTP from itself.
          useFactory: (ring: SigningKeyRing) => ({ issuer, audience, fetchKeys: () => ring.published() }),
        }),
      ],
      controllers: [AuthController, TicketController, TicketCommandController],
      providers: [
        ...repositories,
        { provide: API_SETTINGS, useValue: settings },
        {
          provide: TokenIssuer,
          inject: [SigningKeyRing],
          useFactory: (ring: SigningKeyRing) => new TokenIssuer({ issuer, audience, signingKey: () => ring.signing() }),
        },
        { provide: APP_INTERCEPTOR, useClass: DatabaseProblemInterceptor },
        SessionService,
        BootstrapAccounts,
        Cursors,
        TicketAccess,
        TicketReader,
        TicketCommands,
        TicketWriting,
      ],
    };
  }
}
