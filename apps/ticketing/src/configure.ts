import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { assertRoutesDeclareAccess } from '#auth';
import { Problem } from '#http';

/** The one route that takes files. */
const uploadRoute = '/api/v1/attachments';

/** What the service sets up before it listens. */
export async function configure(app: NestFastifyApplication): Promise<void> {
  const fastify = app.getHttpAdapter().getInstance();
  // The stream is left alone: the route reads it once it knows who sends it.
  fastify.addContentTypeParser('multipart/form-data', (request, _payload, done) => {
    if (request.routeOptions.url === uploadRoute) done(null);
    else done(new Problem(415, 'unsupported_media_type', 'This content type is not taken here'));
  });
  assertRoutesDeclareAccess(app);
}
