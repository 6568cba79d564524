import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { NestFactory } from '@nestjs/core';
import type { CustomTransportStrategy } from '@nestjs/microservices';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { DynamicModule } from '@nestjs/common';
import { collectProcessMetrics, Health, type Logger, NestLogger } from '#observability';
import { setUpDocuments } from './documents.js';
import { takeJsonBodies } from './json-body.js';
import { ProblemFilter } from './problem.filter.js';
import { setUpRequests } from './requests.js';
import { LOGGER, type ServiceSettings } from './service.module.js';
import { validationPipe } from './validation.js';

/** The longest that a service takes to stop; a cluster must wait longer than this before it kills. */
const shutdownLimitMs = 30_000;

/** By then a service has connected, joined its groups and loaded what it loads at first use. */
const settledMs = 10_000;

export interface ServiceOptions {
  readonly name: string;
  readonly settings: ServiceSettings;
  /** The app's composition root; it imports `ServiceModule.forRoot`. */
  readonly module: DynamicModule;
  /** Consumers of the log. They must not wait for the broker in `listen`. */
  readonly consumers?: (app: NestFastifyApplication) => readonly CustomTransportStrategy[];
  /** What the app adds before it listens: plugins, hot routes, access checks. */
  readonly configure?: (app: NestFastifyApplication) => Promise<void>;
  /** Bytes of a body; 1 MiB unless stated. */
  readonly bodyLimit?: number;
}

/** Builds a service without listening, as tests and the generator of documents need it. */
export async function createService(options: ServiceOptions): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    bodyLimit: options.bodyLimit ?? 1024 * 1024,
    routerOptions: { maxParamLength: 512 },
    // Idle connections are closed at stop, busy ones are finished.
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    trustProxy: options.settings.TRUSTED_PROXIES.length > 0 ? options.settings.TRUSTED_PROXIES : false,
    requestTimeout: 60_000,
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
  });
  const app = await NestFactory.create<NestFastifyApplication>(options.module, adapter, {
    bufferLogs: true,
    abortOnError: false,
    bodyParser: false,
  });
  const logger = app.get<Logger>(LOGGER);
  app.useLogger(new NestLogger(logger));
  app.useGlobalFilters(new ProblemFilter(logger));
  app.useGlobalPipes(validationPipe());
  const fastify = app.getHttpAdapter().getInstance();
  takeJsonBodies(fastify);
  setUpRequests(fastify);
  await options.configure?.(app);
  setUpDocuments(app, options.name);
  for (const strategy of options.consumers?.(app) ?? []) {
    app.connectMicroservice({ strategy }, { inheritAppConfig: false });
  }
  return app;
}

/** The life of a service process: start, serve, and on SIGTERM or SIGINT stop within 30 s without losing what it has begun. */
export async function runService(options: ServiceOptions): Promise<NestFastifyApplication> {
  const started = performance.now();
  collectProcessMetrics();
  const app = await createService(options);
  const logger = app.get<Logger>(LOGGER);
  const health = app.get(Health);
  watchProcess(app, health, logger, options.settings.SHUTDOWN_GRACE_MS);
  await app.startAllMicroservices();
  await app.listen(options.settings.PORT, options.settings.HOST);
  logger.info({ port: options.settings.PORT, startMs: Math.round(performance.now() - started) }, 'listening');
  setTimeout(collectGarbageOfStart, settledMs).unref();
  return app;
}

/** What loading and wiring leave behind is a tenth of an idle service's memory, and V8 does not look for it before there is load. */
function collectGarbageOfStart(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
}

function watchProcess(app: NestFastifyApplication, health: Health, logger: Logger, graceMs: number): void {
  const loop = health.loop('event_loop');
  setInterval(() => loop.turn(), 1_000).unref();
  let stopping = false;
  const stop = (signal: string) => {
    if (stopping) return;
    stopping = true;
    logger.info({ signal }, 'stopping');
    health.beginShutdown();
    setTimeout(() => {
      logger.error('did not stop in time');
      process.exit(1);
    }, shutdownLimitMs).unref();
    setTimeout(() => {
      app.close().then(
        () => process.exit(0),
        (error: unknown) => {
          logger.error({ err: error }, 'stopping failed');
          process.exit(1);
        },
      );
    }, graceMs);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('unhandledRejection', (error) => {
    // A promise that nobody awaited is our bug; state may be half-changed, so the process starts afresh.
    logger.fatal({ err: error }, 'unhandled rejection');
    process.exit(1);
  });
}
