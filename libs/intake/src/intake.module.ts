import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import type { CustomTransportStrategy } from '@nestjs/microservices';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { z } from 'zod';
import type { WireMessage } from '#contracts';
import type { databaseSettings, kafkaSettings, storeSettings } from '#env';
import { LOGGER, ServiceModule, type ServiceSettings } from '#http';
import { BatchConsumer, Publisher } from '#kafka';
import { Health, type Logger } from '#observability';
import { classifyDatabaseError, Database, OutboxRelay, PostgresModule } from '#postgres';
import { FolderStore } from './folder-store.js';
import { Intake, type IntakeParts } from './intake.js';
import { OutboundRepository } from './outbound/outbound.repository.js';
import type { SendingRate } from './outbound/sending-rate.js';

type SettingsOf<Fragment extends z.core.$ZodLooseShape> = z.output<z.ZodObject<Fragment>>;
type IntakeSettings = ServiceSettings &
  SettingsOf<typeof databaseSettings> &
  SettingsOf<typeof kafkaSettings> &
  SettingsOf<typeof storeSettings>;

interface IntakeModuleOptions {
  /** The app's name, as in `dead.<app>.v1`. */
  readonly app: string;
  readonly schema: string;
  readonly settings: IntakeSettings;
  /** How long the broker is waited for before the spool takes over; default 1,000. */
  readonly patienceMs?: number;
  /** Whom inputs are taken from, for the ledger. */
  readonly sources: IntakeParts['sources'];
  /** Of an app that sends answers, by account; the accounts without one send as fast as they can. */
  readonly rates?: ReadonlyMap<string, SendingRate>;
}

/** What every intake is made of, globally: service, database, publisher, store and pipeline; with `rates` the queue of answers too. */
@Module({})
export class IntakeModule {
  static forRoot({ app, schema, settings, patienceMs, rates, sources }: IntakeModuleOptions): DynamicModule {
    const { INSTANCE: instance, KAFKA_BROKERS: brokers, STORE_DIR: folder } = settings;
    const applicationName = `${app}-${instance}`;
    const store = new FolderStore(folder);
    const patience = patienceMs === undefined ? {} : { patienceMs };
    const queue: Provider[] = [
      {
        provide: OutboxRelay,
        inject: [Publisher, Database, LOGGER],
        useFactory: (publisher: Publisher, database: Database, logger: Logger) => {
          const publish = (messages: WireMessage[]) => publisher.publish(messages);
          return new OutboxRelay({ database, logger, lease: { holder: instance }, publish });
        },
      },
      {
        provide: OutboundRepository,
        inject: [Database],
        useFactory: (database: Database) => new OutboundRepository(database, app, rates),
      },
    ];
    return {
      module: IntakeModule,
      global: true,
      imports: [
        ServiceModule.forRoot({ name: app, settings }),
        PostgresModule.forRoot({
          url: settings.DATABASE_URL,
          poolSize: settings.DATABASE_POOL_SIZE,
          ...{ schema, applicationName },
        }),
      ],
      providers: [
        { provide: FolderStore, useValue: store },
        {
          provide: Publisher,
          inject: [LOGGER],
          useFactory: (logger: Logger) => new Publisher({ brokers, clientId: applicationName, logger }),
        },
        {
          provide: Intake,
          inject: [Publisher, Database, LOGGER],
          useFactory: (publisher: Publisher, database: Database, logger: Logger) =>
            new Intake({ app, instance, publisher, database, store, logger, sources, ...patience }),
        },
        ...(rates === undefined ? [] : queue),
      ],
      exports: [FolderStore, Publisher, Intake, ...(rates === undefined ? [] : [OutboxRelay, OutboundRepository])],
    };
  }
}

/** The consumer of an intake's answers and replays. @param topics each must have its handler, or the process does not start. */
export function intakeConsumer(
  nest: NestFastifyApplication,
  { app, brokers, topics }: { readonly app: string; readonly brokers: string[]; readonly topics: readonly string[] },
): CustomTransportStrategy {
  const parts = { publisher: nest.get(Publisher), health: nest.get(Health), logger: nest.get<Logger>(LOGGER) };
  return new BatchConsumer({ ...parts, app, brokers, topics, classify: classifyDatabaseError });
}
