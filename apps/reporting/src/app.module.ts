import { type DynamicModule, Module } from '@nestjs/common';
import { AuthModule, fetchKeysFrom } from '#auth';
import { LOGGER, ServiceModule } from '#http';
import { Publisher } from '#kafka';
import { Health, type Logger } from '#observability';
import { Database, PostgresModule } from '#postgres';
import { ReportService } from './api/report.service.js';
import { ReportsController } from './api/reports.controller.js';
import { countingInto } from './consume/counting.js';
import { FeedbackReceivedHandler } from './consume/feedback-received.handler.js';
import { ReceivedFeedback } from './consume/received-feedback.js';
import { TicketChangedHandler } from './consume/ticket-changed.handler.js';
import { TicketFacts } from './consume/ticket-facts.js';
import { DeadLetterPublisher } from './dead-letter-publisher.js';
import { SETTINGS, type Settings } from './env.js';
import { entities } from './store/entities.js';
import { migrations } from './store/migrations/index.js';
import { ReportRepository } from './store/report.repository.js';
import { Tables } from './store/tables.js';

/** The wiring of reporting: two consumers, one schema, one read API. */
@Module({})
export class AppModule {
  static forRoot(settings: Settings): DynamicModule {
    const counting = countingInto(new Tables(), settings.REPORT_ZONES);
    return {
      module: AppModule,
      imports: [
        ServiceModule.forRoot({ name: 'reporting', settings }),
        PostgresModule.forRoot({
          url: settings.DATABASE_URL,
          schema: 'reporting',
          poolSize: settings.DATABASE_POOL_SIZE,
          applicationName: `reporting-${settings.INSTANCE}`,
          entities,
          migrations,
        }),
        AuthModule.forRoot({
          issuer: settings.TOKEN_ISSUER,
          audience: settings.TOKEN_AUDIENCE,
          fetchKeys: fetchKeysFrom(settings.JWKS_URL),
        }),
      ],
      controllers: [TicketChangedHandler, FeedbackReceivedHandler, ReportsController],
      providers: [
        { provide: SETTINGS, useValue: settings },
        { provide: TicketFacts, useValue: counting.ticketFacts },
        { provide: ReceivedFeedback, useValue: counting.receivedFeedback },
        {
          provide: Publisher,
          useFactory: (logger: Logger) =>
            new Publisher({ brokers: settings.KAFKA_BROKERS, clientId: 'reporting', logger }),
          inject: [LOGGER],
        },
        DeadLetterPublisher,
        ReportRepository,
        ReportService,
        {
          provide: 'READINESS',
          useFactory: (health: Health, database: Database) => health.addCheck('database', () => database.ping()),
          inject: [Health, Database],
        },
      ],
    };
  }
}
