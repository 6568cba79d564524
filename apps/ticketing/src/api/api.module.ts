import { type DynamicModule, Module } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { AuthModule, TokenIssuer } from '#auth';
import { LOGGER } from '#http';
import { FolderStore } from '#intake';
import { OriginalReader } from '#kafka';
import type { Logger } from '#observability';
import { AccountRepository } from '../store/account.repository.js';
import { AnswerRepository } from '../store/answer.repository.js';
import { AttachmentReferenceRepository } from '../store/attachment-reference.repository.js';
import { AuditRepository } from '../store/audit.repository.js';
import { CustomerRepository } from '../store/customer.repository.js';
import { CustomerUnit } from '../store/customer-unit.js';
import { IdempotencyRepository } from '../store/idempotency.repository.js';
import { LoginThrottle } from '../store/login-throttle.js';
import { OrganizationRepository } from '../store/organization.repository.js';
import { RefreshTokenRepository } from '../store/refresh-token.repository.js';
import { SigningKeyRepository } from '../store/signing-key.repository.js';
import { StaffRepository } from '../store/staff.repository.js';
import { TicketListRepository } from '../store/ticket-list.repository.js';
import { TicketReadRepository } from '../store/ticket-read.repository.js';
import { TicketWordSearch } from '../store/ticket-word-search.js';
import { UploadRepository } from '../store/upload.repository.js';
import { AuditController } from './audit/audit.controller.js';
import { AuthController } from './auth/auth.controller.js';
import { BootstrapAccounts } from './auth/bootstrap-accounts.js';
import { SessionService } from './auth/session.service.js';
import { SigningKeyRing } from './auth/signing-key-ring.js';
import { ContentController } from './content/content.controller.js';
import { ContentReader } from './content/content.reader.js';
import { Cursors } from './cursors.js';
import { CustomerController } from './customers/customer.controller.js';
import { CustomerService } from './customers/customer.service.js';
import { OrganizationController } from './customers/organization.controller.js';
import { DatabaseProblemInterceptor } from './database-problem.interceptor.js';
import { Housekeeping } from './housekeeping.js';
import { API_SETTINGS, type ApiSettings } from './settings.js';
import { AgentController } from './staff/agent.controller.js';
import { CategoryController } from './staff/category.controller.js';
import { StaffList } from './staff/staff-list.js';
import { StaffService } from './staff/staff.service.js';
import { TeamController } from './staff/team.controller.js';
import { TicketAccess } from './ticket-access.js';
import { AnswerRouting } from './tickets/answer-routing.js';
import { TicketCommands } from './tickets/ticket.commands.js';
import { TicketController } from './tickets/ticket.controller.js';
import { TicketReader } from './tickets/ticket.reader.js';
import { TicketCommandController } from './tickets/ticket-command.controller.js';
import { TicketWriting } from './tickets/ticket-writing.js';
import { AnswerFiles } from './uploads/answer-files.js';
import { UploadController } from './uploads/upload.controller.js';
import { Uploads } from './uploads/uploads.js';

/** Keys by themselves: the guard needs them before anything else of the API exists. */
@Module({ providers: [SigningKeyRepository, SigningKeyRing], exports: [SigningKeyRepository, SigningKeyRing] })
class SigningKeyModule {}

const controllers = [
  AuthController,
  TicketController,
  TicketCommandController,
  CustomerController,
  OrganizationController,
  TeamController,
  AgentController,
  CategoryController,
  ContentController,
  UploadController,
  AuditController,
];
const repositories = [
  AccountRepository,
  AnswerRepository,
  AttachmentReferenceRepository,
  AuditRepository,
  CustomerRepository,
  CustomerUnit,
  IdempotencyRepository,
  LoginThrottle,
  OrganizationRepository,
  RefreshTokenRepository,
  StaffRepository,
  TicketListRepository,
  TicketReadRepository,
  TicketWordSearch,
  UploadRepository,
];
const services = [
  SessionService,
  BootstrapAccounts,
  Housekeeping,
  Cursors,
  TicketAccess,
  AnswerRouting,
  TicketReader,
  TicketCommands,
  TicketWriting,
  CustomerService,
  StaffService,
  StaffList,
  ContentReader,
  Uploads,
  AnswerFiles,
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
      controllers,
      providers: [
        ...repositories,
        ...services,
        { provide: API_SETTINGS, useValue: settings },
        { provide: APP_INTERCEPTOR, useClass: DatabaseProblemInterceptor },
        { provide: FolderStore, useFactory: () => new FolderStore(settings.STORE_DIR) },
        {
          provide: TokenIssuer,
          inject: [SigningKeyRing],
          useFactory: (ring: SigningKeyRing) => new TokenIssuer({ issuer, audience, signingKey: () => ring.signing() }),
        },
        {
          provide: OriginalReader,
          inject: [LOGGER],
          useFactory: (logger: Logger) =>
            new OriginalReader({
              brokers: settings.KAFKA_BROKERS,
              clientId: `ticketing-api-${settings.INSTANCE}`,
              logger,
            }),
        },
      ],
    };
  }
}
