import type { CustomTransportStrategy } from '@nestjs/microservices';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { topics } from '#contracts';
import { assertRoutesDeclareAccess } from '#auth';
import { intakeConsumer } from '#intake';
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
  const { KAFKA_BROKERS: brokers } = app.get<Settings>(SETTINGS);
  return [intakeConsumer(app, { app: appName, brokers, topics: [topics.intakeReplay(appName)] })];
}
