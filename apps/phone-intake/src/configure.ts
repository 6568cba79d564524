import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { assertRoutesDeclareAccess } from '#auth';
import { registerBodyParsers } from './source/bodies.js';

/** What the service sets up before it listens. */
export async function configure(app: NestFastifyApplication): Promise<void> {
  registerBodyParsers(app);
  assertRoutesDeclareAccess(app);
}
