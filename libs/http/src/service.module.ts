import { type DynamicModule, Global, Module } from '@nestjs/common';
import type { z } from 'zod';
import type { serviceSettings } from '#env';
import { createLogger, Health } from '#observability';
import { OperationsController } from './operations.controller.js';

/** The part of an app's settings that every service has. */
export type ServiceSettings = z.output<z.ZodObject<typeof serviceSettings>>;

/** Injection token of the process's pino logger. */
export const LOGGER = 'LOGGER';

/** Logger, health and the operator's routes, for every service; imported once by each app module. */
@Global()
@Module({})
export class ServiceModule {
  static forRoot(options: { readonly name: string; readonly settings: ServiceSettings }): DynamicModule {
    return {
      module: ServiceModule,
      controllers: [OperationsController],
      providers: [
        { provide: LOGGER, useFactory: () => createLogger(options.name, options.settings.LOG_LEVEL) },
        { provide: Health, useFactory: () => new Health() },
      ],
      exports: [LOGGER, Health],
    };
  }
}
