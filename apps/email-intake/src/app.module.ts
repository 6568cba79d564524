import { type DynamicModule, Module } from '@nestjs/common';
import { AuthModule, fetchKeysFrom } from '#auth';
import { LOGGER } from '#http';
import {
  FolderStore,
  Intake,
  IntakeLifecycle,
  IntakeModule,
  OutboundRepository,
  ratesOf,
  ReplyWorker,
  TokenPairRepository,
} from '#intake';
import { Publisher } from '#kafka';
import { Health, type Logger } from '#observability';
import { Database, OutboxRelay } from '#postgres';
import { ACCOUNTS, appName, schema, SETTINGS, type Settings } from './env.js';
import { defaultMailLimits } from './normalize/limits.js';
import { DOMAIN_PARTS, lookupTxt, SenderDomains } from './outbound/sender-domains.js';
import { RepliesHandler } from './outbound/replies.handler.js';
import type { Mailbox } from './source/accounts.js';
import { KEEPER_PARTS, MailboxKeeper } from './source/imap/mailbox-keeper.js';
import { MailIntake, PIPELINE, STORE } from './source/mail-intake.js';
import { MailboxesController } from './source/mailboxes.controller.js';
import { MailParser } from './source/parse/mail-parser.js';
import { ReplayHandler } from './source/replay.handler.js';
import { SignIns } from './source/sign-in/sign-ins.js';
import { MailSender, SENDER_PARTS } from './source/smtp/mail-sender.js';
import { MailboxRepository } from './store/mailbox.repository.js';

/** Nobody holds the line: the mailbox keeps its mail. A backlog in one second would be spooled, and published from there, while the broker merely works. */
const brokerPatienceMs = 5_000;

/** The composition root: what exists, and what it is made of. */
@Module({})
export class AppModule {
  static forRoot(settings: Settings, accounts: readonly Mailbox[]): DynamicModule {
    const keys = {
      conversation: settings.CONVERSATION_SECRET,
      thread: settings.THREAD_SECRETS as [string, ...string[]],
    };
    return {
      module: AppModule,
      imports: [
        IntakeModule.forRoot({
          ...{ app: appName, schema, settings },
          patienceMs: brokerPatienceMs,
          rates: ratesOf(accounts),
          sources: accounts.map(({ id }) => ({ source: `email:${id}`, settledBy: 'cursor' })),
        }),
        AuthModule.forRoot({
          issuer: settings.TOKEN_ISSUER,
          audience: settings.TOKEN_AUDIENCE,
          fetchKeys: fetchKeysFrom(settings.JWKS_URL),
        }),
      ],
      controllers: [MailboxesController, RepliesHandler, ReplayHandler],
      providers: [
        { provide: SETTINGS, useValue: settings },
        { provide: ACCOUNTS, useValue: accounts },
        { provide: STORE, useExisting: FolderStore },
        { provide: PIPELINE, inject: [Intake], useFactory: (intake: Intake) => intake.pipeline },
        {
          provide: MailParser,
          inject: [LOGGER],
          useFactory: (logger: Logger) =>
            new MailParser({
              settings: {
                storeFolder: settings.STORE_DIR,
                keys,
                limits: { ...defaultMailLimits, bytes: settings.MAIL_MAX_BYTES },
              },
              threads: settings.MAIL_PARSE_THREADS,
              logger,
            }),
        },
        {
          provide: KEEPER_PARTS,
          inject: [SignIns, FolderStore, LOGGER],
          useFactory: (signIns: SignIns, store: FolderStore, logger: Logger) => ({
            settings,
            accounts,
            signIns,
            store,
            logger,
          }),
        },
        {
          provide: SENDER_PARTS,
          inject: [SignIns, FolderStore, LOGGER],
          useFactory: (signIns: SignIns, store: FolderStore, logger: Logger) => ({
            accounts,
            signIns,
            secrets: keys.thread,
            store,
            logger,
          }),
        },
        {
          provide: TokenPairRepository,
          inject: [Database],
          useFactory: (database: Database) => new TokenPairRepository(database, settings.INSTANCE),
        },
        {
          provide: DOMAIN_PARTS,
          inject: [LOGGER],
          useFactory: (logger: Logger) => ({ accounts, lookup: lookupTxt, logger }),
        },
        {
          provide: ReplyWorker,
          inject: [Database, OutboundRepository, MailSender, Health, LOGGER],
          useFactory: (
            database: Database,
            outbound: OutboundRepository,
            sender: MailSender,
            health: Health,
            logger: Logger,
          ) => new ReplyWorker({ instance: settings.INSTANCE, database, outbound, sender, health, logger }),
        },
        MailboxRepository,
        SignIns,
        SenderDomains,
        MailIntake,
        MailboxKeeper,
        MailSender,
        {
          provide: IntakeLifecycle,
          inject: [Publisher, Intake, Health, OutboxRelay],
          useFactory: (publisher: Publisher, intake: Intake, health: Health, relay: OutboxRelay) =>
            new IntakeLifecycle({ publisher, intake, health, besides: [relay] }),
        },
      ],
    };
  }
}
