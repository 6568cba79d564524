import { type DynamicModule, Module } from '@nestjs/common';
import { AuthModule, fetchKeysFrom } from '#auth';
import { LOGGER, ServiceModule } from '#http';
import { fetchBytesFrom } from '#intake';
import { LedgerWriter, Publisher } from '#kafka';
import type { Logger } from '#observability';
import { Database, PostgresModule } from '#postgres';
import { DrilldownService } from './api/drilldown.service.js';
import { ExportService } from './api/export.service.js';
import { LedgerController } from './api/ledger.controller.js';
import { QuarantineController } from './api/quarantine.controller.js';
import { QuarantineService } from './api/quarantine.service.js';
import { ReportService } from './api/report.service.js';
import { ReportsController } from './api/reports.controller.js';
import { TicketsBehindController } from './api/tickets-behind.controller.js';
import { countingInto } from './consume/counting.js';
import { FeedbackReceivedHandler } from './consume/feedback-received.handler.js';
import { LedgerHandler } from './consume/ledger.handler.js';
import { deadLetterHandlers, QuarantineResolvedHandler } from './consume/quarantine.handlers.js';
import { ReceivedFeedback } from './consume/received-feedback.js';
import { TicketChangedHandler } from './consume/ticket-changed.handler.js';
import { TicketFacts } from './consume/ticket-facts.js';
import { SETTINGS, type Settings } from './env.js';
import { watchLedger } from './ledger-watch.js';
import { Upkeep } from './upkeep.js';
import { Lifecycle } from './lifecycle.js';
import { entities } from './store/entities.js';
import { LedgerRepository } from './store/ledger.repository.js';
import { migrations } from './store/migrations/migrations.js';
import { QuarantineRepository } from './store/quarantine.repository.js';
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
      controllers: [
        TicketChangedHandler,
        FeedbackReceivedHandler,
        LedgerHandler,
        ...deadLetterHandlers,
        QuarantineResolvedHandler,
        ReportsController,
        TicketsBehindController,
        LedgerController,
        QuarantineController,
      ],
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
        {
          provide: LedgerWriter,
          useFactory: (publisher: Publisher, logger: Logger) =>
            new LedgerWriter({ app: 'reporting', instance: settings.INSTANCE, publisher, logger }),
          inject: [Publisher, LOGGER],
        },
        LedgerRepository,
        QuarantineRepository,
        {
          provide: QuarantineService,
          useFactory: (quarantine: QuarantineRepository, database: Database, publisher: Publisher, logger: Logger) => {
            const address = { brokers: settings.KAFKA_BROKERS, clientId: 'reporting', logger };
            const fetchBytes = fetchBytesFrom(address, settings.STORE_DIR);
            return new QuarantineService({ quarantine, database, publisher, fetchBytes });
          },
          inject: [QuarantineRepository, Database, Publisher, LOGGER],
        },
        {
          provide: Upkeep,
          useFactory: (ledger: LedgerRepository, quarantine: QuarantineRepository, logger: Logger) => {
            const removeOld = async () => void (await Promise.all([ledger.removeOld(), quarantine.removeOld()]));
            return new Upkeep({ watchLedger: () => watchLedger(ledger), removeOld }, logger);
          },
          inject: [LedgerRepository, QuarantineRepository, LOGGER],
        },
        Lifecycle,
        ReportRepository,
        ReportService,
        DrilldownService,
        ExportService,
      ],
    };
  }
}
