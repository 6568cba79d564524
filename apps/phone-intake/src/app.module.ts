import { type DynamicModule, Module } from '@nestjs/common';
import { AuthModule, fetchKeysFrom } from '#auth';
import { LOGGER } from '#http';
import {
  FolderStore,
  Intake,
  IntakeLifecycle,
  IntakeModule,
  LateMedia,
  LateMediaRepository,
  MissingMedia,
  OutboundRepository,
  ratesOf,
  Reconciler,
  RemoteFiles,
  ReplyWorker,
} from '#intake';
import { Publisher } from '#kafka';
import { Health, type Logger } from '#observability';
import { Database, OutboxRelay } from '#postgres';
import { appName, PUBLIC_URL, schema, type Settings } from './env.js';
import { DeliveryStates } from './outbound/delivery-states.js';
import { RepliesHandler } from './outbound/replies.handler.js';
import { PhoneIntake } from './phone.intake.js';
import { AccountDirectory } from './source/account-directory.js';
import { isForSms, type PhoneAccount } from './source/accounts.js';
import { CallsController } from './source/calls.controller.js';
import { CallImport } from './source/cdr/call-import.js';
import { CallImportController } from './source/cdr/call-import.controller.js';
import { fetchAgain } from './source/late-media.js';
import { PhoneSender } from './source/phone-sender.js';
import { ReplayHandler } from './source/replay.handler.js';
import { SignedJsonController } from './source/signed-json.controller.js';
import { MediaFetcher } from './source/twilio/media-fetcher.js';
import { TwilioList } from './source/twilio/twilio-list.js';
import { TwilioController } from './source/twilio/twilio.controller.js';
import { ConsentRepository } from './store/consent.repository.js';

/** The composition root: what exists, and what it is made of. */
@Module({})
export class AppModule {
  static forRoot(settings: Settings, accounts: readonly PhoneAccount[]): DynamicModule {
    const { INSTANCE: instance, PUBLIC_URL: publicUrl, CONVERSATION_SECRET: secret } = settings;
    return {
      module: AppModule,
      imports: [
        IntakeModule.forRoot({
          ...{ app: appName, schema, settings },
          rates: ratesOf(accounts.filter(isForSms)),
          sources: accounts.map(({ channel, id, provider }) => ({
            source: `${channel}:${id}`,
            settledBy: provider === 'twilio' ? 'list' : 'sender',
          })),
        }),
        AuthModule.forRoot({
          issuer: settings.TOKEN_ISSUER,
          audience: settings.TOKEN_AUDIENCE,
          fetchKeys: fetchKeysFrom(settings.JWKS_URL),
        }),
      ],
      controllers: [
        TwilioController,
        SignedJsonController,
        CallsController,
        CallImportController,
        RepliesHandler,
        ReplayHandler,
      ],
      providers: [
        { provide: PUBLIC_URL, useValue: publicUrl },
        { provide: AccountDirectory, useValue: new AccountDirectory(accounts) },
        {
          provide: PhoneIntake,
          inject: [Intake, ConsentRepository, FolderStore, LateMediaRepository, LOGGER],
          useFactory: (
            intake: Intake,
            consent: ConsentRepository,
            store: FolderStore,
            late: LateMediaRepository,
            logger: Logger,
          ) => {
            const media = new MediaFetcher(new RemoteFiles(store));
            return new PhoneIntake({ intake, consent, secret, media, missing: new MissingMedia(late, logger) });
          },
        },
        {
          provide: LateMediaRepository,
          inject: [Database],
          useFactory: (database: Database) => new LateMediaRepository(database),
        },
        {
          provide: LateMedia,
          inject: [LateMediaRepository, PhoneIntake, LOGGER],
          useFactory: (repository: LateMediaRepository, intake: PhoneIntake, logger: Logger) =>
            new LateMedia(repository, (input) => fetchAgain(input, accounts, intake), logger),
        },
        {
          provide: PhoneSender,
          inject: [ConsentRepository, DeliveryStates],
          useFactory: (consent: ConsentRepository, states: DeliveryStates) =>
            new PhoneSender({ accounts, consent, states, publicUrl }),
        },
        {
          provide: ReplyWorker,
          inject: [Database, OutboundRepository, PhoneSender, Health, LOGGER],
          useFactory: (
            database: Database,
            outbound: OutboundRepository,
            sender: PhoneSender,
            health: Health,
            logger: Logger,
          ) => new ReplyWorker({ instance, database, outbound, sender, health, logger }),
        },
        {
          provide: CallImport,
          inject: [PhoneIntake, LOGGER],
          useFactory: (intake: PhoneIntake, logger: Logger) => new CallImport(intake, logger),
        },
        ConsentRepository,
        DeliveryStates,
        {
          provide: Reconciler,
          inject: [Database, Intake, PhoneIntake, AccountDirectory, LOGGER],
          useFactory: (
            database: Database,
            intake: Intake,
            phone: PhoneIntake,
            directory: AccountDirectory,
            logger: Logger,
          ) => {
            const listed = accounts
              .filter((account) => account.provider === 'twilio')
              .map((account) => new TwilioList({ account, accounts: directory, intake: phone }));
            return new Reconciler({ database, instance, intake, accounts: listed, logger });
          },
        },
        {
          provide: IntakeLifecycle,
          inject: [Publisher, Intake, Health, OutboxRelay, LateMedia, Reconciler],
          useFactory: (
            publisher: Publisher,
            intake: Intake,
            health: Health,
            ...besides: [OutboxRelay, LateMedia, Reconciler]
          ) => new IntakeLifecycle({ publisher, intake, health, besides }),
        },
      ],
    };
  }
}
