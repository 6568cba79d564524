import type { FastifyInstance } from 'fastify';
import { histogram, runWithTrace, traceHeaders } from '#observability';

const requestSeconds = histogram({
  name: 'phanhoi_http_request_seconds',
  help: 'Time from the first byte of a request to the end of its answer.',
  labelNames: ['method', 'route', 'status'],
});

const header = (value: string | string[] | undefined) => (Array.isArray(value) ? value[0] : value);

/** Gives every request its trace, its correlation id in the answer, and its metric. */
export function setUpRequests(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    runWithTrace(header(request.headers.traceparent), header(request.headers['x-correlation-id']), () => {
      void reply.header('x-correlation-id', traceHeaders().correlationid ?? '');
      done();
    });
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    requestSeconds.observe(
      { method: request.method, route: request.routeOptions.url ?? 'none', status: reply.statusCode },
      reply.elapsedTime / 1000,
    );
    done();
  });
}
