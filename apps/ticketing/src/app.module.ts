import { type DynamicModule, Module } from '@nestjs/common';
import { LOGGER, ServiceModule } from '#http';
import { LedgerWriter, Publisher } from '#kafka';
import type { Logger } from '#observability';
import { PostgresModule } from '#postgres';
import { ApiModule } from './api/api.module.js';
import { AcknowledgementBrake } from './consume/acknowledgement-brake.js';
import { CONSUME_RULES, type ConsumeRules } from './consume/consume-rules.js';
import { DeliveryHandler } from './consume/delivery.handler.js';
import { ErasedReturns } from './consume/erased-returns.js';
import { FeedbackBatch } from './consume/feedback.batch.js';
import { FeedbackHandler } from './consume/feedback.handler.js';
import { FeedbackLoader } from './consume/feedback.loader.js';
import { TicketNumbers } from './consume/ticket-numbers.js';
import { SETTINGS, type Settings } from './env.js';
import { Lifecycle } from './lifecycle.js';
import { FactRelay, INSTANCE } from './relay/fact-relay.js';
import { Timers } from './relay/timers.js';
import { entities } from './store/entities.js';
import { migrations } from './store/migrations/migrations.js';
import { StoreModule } from './store/store.module.js';

export const appName = 'ticketing';
export const schema = 'ticketing';

const consuming = [AcknowledgementBrake, ErasedReturns, FeedbackBatch, FeedbackLoader, TicketNumbers];

/** Wiring only. */
@Module({})
export class AppModule {
  static forRoot(settings: Settings): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ServiceModule.forRoot({ name: appName, settings }),
        PostgresModule.forRoot({
          url: settings.DATABASE_URL,
          schema,
          poolSize: settings.DATABASE_POOL_SIZE,
          applicationName: `${appName}-${settings.INSTANCE}`,
          entities,
          migrations,
        }),
        StoreModule.forRoot({ prefix: settings.TICKET_PREFIX }),
        ApiModule.forRoot(settings),
      ],
      controllers: [FeedbackHandler, DeliveryHandler],
      providers: [
        { provide: SETTINGS, useValue: settings },
        { provide: CONSUME_RULES, useValue: consumeRules(settings) },
        { provide: INSTANCE, useValue: settings.INSTANCE },
        {
          provide: Publisher,
          useFactory: (logger: Logger) =>
            new Publisher({ brokers: settings.KAFKA_BROKERS, clientId: `${appName}-${settings.INSTANCE}`, logger }),
          inject: [LOGGER],
        },
        {
          provide: LedgerWriter,
          useFactory: (publisher: Publisher, logger: Logger) =>
            new LedgerWriter({ app: appName, instance: settings.INSTANCE, publisher, logger }),
          inject: [Publisher, LOGGER],
        },
        ...consuming,
        FactRelay,
        Timers,
        Lifecycle,
      ],
    };
  }
}

function consumeRules(settings: Settings): ConsumeRules {
  return {
    secrets: settings.THREAD_SECRETS,
    prefix: settings.TICKET_PREFIX,
    acknowledgement: {
      enabled: settings.ACKNOWLEDGEMENTS,
      channels: new Set(settings.ACKNOWLEDGEMENT_CHANNELS),
      quiet: { ...settings.QUIET_HOURS, zone: settings.QUIET_ZONE, holidays: new Set(settings.HOLIDAYS) },
      formAccount: settings.FORM_REPLY_ACCOUNT,
      defaultLanguage: settings.DEFAULT_LANGUAGE,
    },
    whatsappTemplates: settings.WHATSAPP_TEMPLATES,
    acknowledgementsPerMinute: settings.ACKNOWLEDGEMENT_BRAKE_PER_MINUTE,
  };
}
