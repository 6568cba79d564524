import { topics } from '#contracts';
import { LOGGER, type ServiceOptions } from '#http';
import { BatchConsumer, LedgerWriter, Publisher } from '#kafka';
import { Health, type Logger } from '#observability';
import { classifyDatabaseError } from '#postgres';
import { assertRoutesDeclareAccess } from '#auth';
import { AppModule } from './app.module.js';
import { quarantineTopics } from './consume/quarantine.handlers.js';
import type { Settings } from './env.js';

/**
 * Reporting as a service.
 * @param app names the consumer groups and the quarantine; tests beside each other on one log take another.
 */
export function reportingService(settings: Settings, app = 'reporting'): ServiceOptions {
  return {
    name: 'reporting',
    settings,
    module: AppModule.forRoot(settings),
    configure: async (nest) => assertRoutesDeclareAccess(nest),
    consumers: (nest) => [
      new BatchConsumer({
        app,
        brokers: settings.KAFKA_BROKERS,
        publisher: nest.get(Publisher),
        health: nest.get(Health),
        logger: nest.get<Logger>(LOGGER),
        classify: classifyDatabaseError,
        ledger: nest.get(LedgerWriter),
        topics: [topics.feedbackReceived, topics.ticketChanged, topics.ledger, ...quarantineTopics],
      }),
    ],
  };
}
