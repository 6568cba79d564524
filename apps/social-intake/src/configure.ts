import type { CustomTransportStrategy } from '@nestjs/microservices';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { topics } from '#contracts';
import { assertRoutesDeclareAccess } from '#auth';
import { intakeConsumer } from '#intake';
import { appName } from './app.module.js';
import { SETTINGS, type Settings } from './env.js';

/** Meta sends up to 1,000 updates in one webhook. Bytes. */
export const bodyLimit = 4 * 1024 * 1024;

/** What the service sets up before it listens. */
export async function configure(app: NestFastifyApplication): Promise<void> {
  // Signatures are made over the bytes, whatever type a network states.
  const fastify = app.getHttpAdapter().getInstance();
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  assertRoutesDeclareAccess(app);
}

/** The consumer of answers and replays. */
export function consumers(app: NestFastifyApplication): CustomTransportStrategy[] {
  const { KAFKA_BROKERS: brokers } = app.get<Settings>(SETTINGS);
  return [
    intakeConsumer(app, {
      app: appName,
      brokers,
      topics: [topics.replyRequested('social'), topics.intakeReplay(appName)],
    }),
  ];
}
