import { type DynamicModule, Module } from '@nestjs/common';
import type { ChannelAccount } from '#env';
import { LOGGER, ServiceModule } from '#http';
import { FolderStore, Intake, RemoteFiles } from '#intake';
import { Publisher } from '#kafka';
import { Health, type Logger } from '#observability';
import { Database, PostgresModule } from '#postgres';
import { SETTINGS, type Settings } from './env.js';
import { Lifecycle } from './lifecycle.js';
import { SocialIntake } from './social.intake.js';
import { AccountDirectory } from './source/account-directory.js';
import { FileFetcher } from './source/file-fetcher.js';
import { ReplayController } from './source/replay.controller.js';
import { WebhookController } from './source/webhook.controller.js';
import { UpdateRepository } from './store/update.repository.js';
import { UpdateLedger } from './update-ledger.js';

export const appName = 'social-intake';

/** Wiring only. */
@Module({})
export class AppModule {
  static forRoot(settings: Settings, channelAccounts: readonly ChannelAccount[]): DynamicModule {
    const store = new FolderStore(settings.STORE_DIR);
    return {
      module: AppModule,
      imports: [
        ServiceModule.forRoot({ name: appName, settings }),
        PostgresModule.forRoot({
          url: settings.DATABASE_URL,
          schema: 'social',
          poolSize: settings.DATABASE_POOL_SIZE,
          applicationName: `${appName}-${settings.INSTANCE}`,
        }),
      ],
      controllers: [WebhookController, ReplayController],
      providers: [
        { provide: SETTINGS, useValue: settings },
        { provide: AccountDirectory, useFactory: () => new AccountDirectory(channelAccounts) },
        { provide: FolderStore, useValue: store },
        {
          provide: Publisher,
          useFactory: (logger: Logger) =>
            new Publisher({ brokers: settings.KAFKA_BROKERS, clientId: `${appName}-${settings.INSTANCE}`, logger }),
          inject: [LOGGER],
        },
        {
          provide: Intake,
          useFactory: (publisher: Publisher, database: Database, logger: Logger) =>
            new Intake({ app: appName, instance: settings.INSTANCE, publisher, database, store, logger }),
          inject: [Publisher, Database, LOGGER],
        },
        {
          provide: UpdateLedger,
          useFactory: (database: Database, logger: Logger) => new UpdateLedger(new UpdateRepository(database), logger),
          inject: [Database, LOGGER],
        },
        {
          provide: SocialIntake,
          useFactory: (intake: Intake, accounts: AccountDirectory, updates: UpdateLedger, logger: Logger) =>
            new SocialIntake({
              intake,
              accounts,
              updates,
              logger,
              files: new FileFetcher(new RemoteFiles(store), settings.MEDIA_MAX_BYTES, logger),
              secret: settings.CONVERSATION_SECRET,
            }),
          inject: [Intake, AccountDirectory, UpdateLedger, LOGGER],
        },
        {
          provide: Lifecycle,
          useFactory: (intake: Intake, publisher: Publisher, updates: UpdateLedger, health: Health) =>
            new Lifecycle(intake, publisher, updates, health),
          inject: [Intake, Publisher, UpdateLedger, Health],
        },
      ],
    };
  }
}
