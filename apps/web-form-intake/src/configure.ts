import type { CustomTransportStrategy } from '@nestjs/microservices';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { topics } from '#contracts';
import { assertRoutesDeclareAccess } from '#auth';
import { LOGGER } from '#http';
import { BatchConsumer, Publisher } from '#kafka';
import { Health, type Logger } from '#observability';
import { classifyDatabaseError } from '#postgres';
import { appName } from './app.module.js';
import { SETTINGS, type Settings } from './env.js';
import { registerBodyParsers } from './source/form-bodies.js';

/** What the service sets up before it listens. */
export async function configure(app: NestFastifyApplication): Promise<void> {
  registerBodyParsers(app);
  assertRoutesDeclareAccess(app);
}

/** The consumer of replays. */
export function consumers(app: NestFastifyApplication): CustomTransportStrategy[] {
  const topic = topics.intakeReplay(appName);
  return [
    new BatchConsumer({
      app: appName,
      brokers: app.get<Settings>(SETTINGS).KAFKA_BROKERS,
      publisher: app.get(Publisher),
      health: app.get(Health),
      logger: app.get<Logger>(LOGGER),
      classify: classifyDatabaseError,
      topics: [topic],
    }),
  ];
}
