import { type DynamicModule, Inject, Injectable, Module, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { closeDataSource, createDataSource, type DataSourceSettings } from './data-source.js';
import { Database } from './database.js';

/** Closes the pool last: Nest calls this after all `beforeApplicationShutdown` hooks, where consumers and relays stop. */
@Injectable()
class PoolCloser implements OnApplicationShutdown {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  async onApplicationShutdown(): Promise<void> {
    await closeDataSource(this.dataSource);
  }
}

/** Gives an app its `DataSource` (for TypeORM repositories) and `Database` (for statements and transactions), globally. */
@Module({})
export class PostgresModule {
  static forRoot(settings: DataSourceSettings): DynamicModule {
    return {
      module: PostgresModule,
      global: true,
      providers: [
        { provide: DataSource, useFactory: () => createDataSource(settings) },
        { provide: Database, useFactory: (dataSource: DataSource) => new Database(dataSource), inject: [DataSource] },
        PoolCloser,
      ],
      exports: [DataSource, Database],
    };
  }
}
