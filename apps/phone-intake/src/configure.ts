import type { CustomTransportStrategy } from '@nestjs/microservices';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { assertRoutesDeclareAccess } from '#auth';
import { topics } from '#contracts';
import { intakeConsumer } from '#intake';
import { appName, type Settings } from './env.js';
import { registerBodyParsers } from './source/bodies.js';

/** What the service sets up before it listens. */
export async function configure(app: NestFastifyApplication): Promise<void> {
  registerBodyParsers(app);
  assertRoutesDeclareAccess(app);
}

/** The consumer of answers and replays. */
export const consumersOf =
  ({ KAFKA_BROKERS: brokers }: Settings) =>
  (app: NestFastifyApplication): CustomTransportStrategy[] => [
    intakeConsumer(app, {
      app: appName,
      brokers,
      topics: [topics.replyRequested('phone'), topics.intakeReplay(appName)],
    }),
  ];
