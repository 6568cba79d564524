import { topics } from '#contracts';
import { LOGGER, type ServiceOptions } from '#http';
import { BatchConsumer, Publisher } from '#kafka';
import { Health, type Logger } from '#observability';
import { classifyDatabaseError } from '#postgres';
import { assertRoutesDeclareAccess } from '#auth';
import { AppModule } from './app.module.js';
import type { Settings } from './env.js';

/** Reporting as a service, for the process and for tests. */
export function reportingService(settings: Settings): ServiceOptions {
  return {
    name: 'reporting',
    settings,
    module: AppModule.forRoot(settings),
    configure: async (app) => assertRoutesDeclareAccess(app),
    consumers: (app) => [
      new BatchConsumer({
        app: 'reporting',
        brokers: settings.KAFKA_BROKERS,
        publisher: app.get(Publisher),
        health: app.get(Health),
        logger: app.get<Logger>(LOGGER),
        classify: classifyDatabaseError,
        topics: [topics.feedbackReceived, topics.ticketChanged],
      }),
    ],
  };
}
