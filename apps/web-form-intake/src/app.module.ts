import { type DynamicModule, Module } from '@nestjs/common';
import type { ChannelAccount } from '#env';
import { LOGGER } from '#http';
import { FolderStore, Intake, IntakeLifecycle, IntakeModule } from '#intake';
import { Publisher } from '#kafka';
import { Health, type Logger } from '#observability';
import { Database } from '#postgres';
import { SETTINGS, type Settings } from './env.js';
import { FeedbackIntake } from './feedback.intake.js';
import { ClientLimits } from './source/client-limits.js';
import { FeedbackController } from './source/feedback.controller.js';
import { FormBodies } from './source/form-bodies.js';
import { FormDirectory } from './source/form-directory.js';
import { HostedFormController } from './source/hosted-form.controller.js';
import { ReplayController } from './source/replay.controller.js';
import { IdempotencyRepository } from './store/idempotency.repository.js';
import { KeyExpiry } from './store/key-expiry.js';

export const appName = 'web-form-intake';

/** Wiring only. */
@Module({})
export class AppModule {
  static forRoot(settings: Settings, accounts: readonly ChannelAccount[]): DynamicModule {
    const files = {
      count: settings.FILES_MAX_COUNT,
      bytes: settings.FILES_MAX_BYTES,
      totalBytes: settings.FILES_MAX_TOTAL_BYTES,
    };
    return {
      module: AppModule,
      imports: [
        IntakeModule.forRoot({
          ...{ app: appName, schema: 'web_form', settings },
          sources: accounts
            .filter(({ channel }) => channel === 'web_form')
            .map(({ id }) => ({ source: `web_form:${id}`, settledBy: 'sender' })),
        }),
      ],
      controllers: [FeedbackController, HostedFormController, ReplayController],
      providers: [
        { provide: SETTINGS, useValue: settings },
        { provide: FormDirectory, useFactory: () => new FormDirectory(accounts) },
        {
          provide: FormBodies,
          useFactory: (store: FolderStore) => new FormBodies(store, files),
          inject: [FolderStore],
        },
        {
          provide: IdempotencyRepository,
          useFactory: (database: Database, logger: Logger) => new IdempotencyRepository(database, logger),
          inject: [Database, LOGGER],
        },
        {
          provide: FeedbackIntake,
          useFactory: (intake: Intake, forms: FormDirectory, keys: IdempotencyRepository, logger: Logger) =>
            new FeedbackIntake({
              intake,
              forms,
              keys,
              logger,
              limits: new ClientLimits({
                requests: settings.RATE_LIMIT_REQUESTS,
                windowSeconds: settings.RATE_LIMIT_WINDOW_SECONDS,
              }),
              secret: settings.CONVERSATION_SECRET,
            }),
          inject: [Intake, FormDirectory, IdempotencyRepository, LOGGER],
        },
        {
          provide: IntakeLifecycle,
          useFactory: (publisher: Publisher, intake: Intake, health: Health, keys: IdempotencyRepository) =>
            new IntakeLifecycle({ publisher, intake, health, besides: [new KeyExpiry(keys)] }),
          inject: [Publisher, Intake, Health, IdempotencyRepository],
        },
      ],
    };
  }
}
