import { type DynamicModule, Module } from '@nestjs/common';
import type { ChannelAccount } from '#env';
import { LOGGER } from '#http';
import {
  AccessTokens,
  FolderStore,
  Intake,
  IntakeLifecycle,
  IntakeModule,
  LateMedia,
  LateMediaRepository,
  MissingMedia,
  OutboundRepository,
  Reconciler,
  RemoteFiles,
  ReplyWorker,
  type TokenChain,
  TokenPairRepository,
} from '#intake';
import { Publisher } from '#kafka';
import { Health, type Logger } from '#observability';
import { Database, OutboxRelay } from '#postgres';
import { SETTINGS, type Settings } from './env.js';
import { EchoJudge } from './outbound/echo-judge.js';
import { OwnSends } from './outbound/own-sends.js';
import { RepliesHandler } from './outbound/replies.handler.js';
import { SocialSender } from './outbound/social-sender.js';
import { Upkeep } from './outbound/upkeep.js';
import { WaitingEchoes } from './outbound/waiting-echoes.js';
import { listedAccounts } from './missed.js';
import { SocialIntake } from './social.intake.js';
import { AccountDirectory } from './source/account-directory.js';
import { listedChannels, networks } from './source/networks.js';
import { FileFetcher } from './source/file-fetcher.js';
import { ReplayController } from './source/replay.controller.js';
import { WebhookController } from './source/webhook.controller.js';
import { OwnSendRepository } from './store/own-send.repository.js';
import { UnmatchedEchoRepository } from './store/unmatched-echo.repository.js';
import { UpdateRepository } from './store/update.repository.js';
import { UpdateLedger } from './update-ledger.js';

export const appName = 'social-intake';

/** Wiring only. */
@Module({})
export class AppModule {
  static forRoot(settings: Settings, channelAccounts: readonly ChannelAccount[]): DynamicModule {
    return {
      module: AppModule,
      imports: [
        IntakeModule.forRoot({
          ...{ app: appName, schema: 'social', settings },
          rates: new Map(),
          sources: channelAccounts
            .filter(({ provider }) => provider in networks)
            .map(({ channel, id }) => ({
              source: `${channel}:${id}`,
              settledBy: listedChannels.has(channel) ? 'list' : 'sender',
            })),
        }),
      ],
      controllers: [WebhookController, RepliesHandler, ReplayController],
      providers: [
        { provide: SETTINGS, useValue: settings },
        {
          provide: AccountDirectory,
          useFactory: (database: Database, logger: Logger) => {
            const repository = new TokenPairRepository(database, settings.INSTANCE);
            const accessTokens = (chain: TokenChain) => new AccessTokens({ ...chain, repository, logger });
            return new AccountDirectory(channelAccounts, { accessTokens });
          },
          inject: [Database, LOGGER],
        },
        {
          provide: UpdateLedger,
          useFactory: (database: Database, logger: Logger) => new UpdateLedger(new UpdateRepository(database), logger),
          inject: [Database, LOGGER],
        },
        {
          provide: SocialIntake,
          useFactory: (
            intake: Intake,
            accounts: AccountDirectory,
            updates: UpdateLedger,
            echoes: EchoJudge,
            store: FolderStore,
            late: LateMediaRepository,
            logger: Logger,
          ) =>
            new SocialIntake({
              intake,
              accounts,
              updates,
              echoes,
              missing: new MissingMedia(late, logger),
              logger,
              files: new FileFetcher(new RemoteFiles(store), settings.MEDIA_MAX_BYTES, logger),
              secret: settings.CONVERSATION_SECRET,
            }),
          inject: [Intake, AccountDirectory, UpdateLedger, EchoJudge, FolderStore, LateMediaRepository, LOGGER],
        },
        {
          provide: ReplyWorker,
          useFactory: (
            database: Database,
            outbound: OutboundRepository,
            accounts: AccountDirectory,
            store: FolderStore,
            ...[health, logger]: [Health, Logger]
          ) => {
            const sender = new SocialSender(accounts, store);
            return new ReplyWorker({ instance: settings.INSTANCE, database, outbound, sender, health, logger });
          },
          inject: [Database, OutboundRepository, AccountDirectory, FolderStore, Health, LOGGER],
        },
        {
          provide: EchoJudge,
          useFactory: (database: Database, outbound: OutboundRepository) => {
            const own = new OwnSends(outbound, new OwnSendRepository(database));
            return new EchoJudge(own, new UnmatchedEchoRepository(database));
          },
          inject: [Database, OutboundRepository],
        },
        {
          provide: WaitingEchoes,
          useFactory: (database: Database, social: SocialIntake, logger: Logger) =>
            new WaitingEchoes(new UnmatchedEchoRepository(database), (echo) => social.judgeAgain(echo), logger),
          inject: [Database, SocialIntake, LOGGER],
        },
        {
          provide: LateMedia,
          useFactory: (repository: LateMediaRepository, social: SocialIntake, logger: Logger) =>
            new LateMedia(repository, (input) => social.fetchAgain(input), logger),
          inject: [LateMediaRepository, SocialIntake, LOGGER],
        },
        {
          provide: LateMediaRepository,
          useFactory: (database: Database) => new LateMediaRepository(database),
          inject: [Database],
        },
        {
          provide: Upkeep,
          useFactory: (accounts: AccountDirectory, logger: Logger) => new Upkeep(accounts, logger),
          inject: [AccountDirectory, LOGGER],
        },
        {
          provide: Reconciler,
          useFactory: (
            database: Database,
            intake: Intake,
            directory: AccountDirectory,
            social: SocialIntake,
            logger: Logger,
          ) => {
            const accounts = listedAccounts({ directory, social, updates: new UpdateRepository(database) });
            return new Reconciler({ database, instance: settings.INSTANCE, intake, accounts, logger });
          },
          inject: [Database, Intake, AccountDirectory, SocialIntake, LOGGER],
        },
        {
          provide: IntakeLifecycle,
          useFactory: (
            publisher: Publisher,
            intake: Intake,
            health: Health,
            ...besides: [OutboxRelay, UpdateLedger, Upkeep, WaitingEchoes, LateMedia, Reconciler]
          ) => new IntakeLifecycle({ publisher, intake, health, besides }),
          inject: [Publisher, Intake, Health, OutboxRelay, UpdateLedger, Upkeep, WaitingEchoes, LateMedia, Reconciler],
        },
      ],
    };
  }
}
