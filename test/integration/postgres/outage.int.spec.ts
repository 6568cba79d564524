import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Test, type TestingModule } from '@nestjs/testing';
import { Column, DataSource, Entity, PrimaryColumn } from 'typeorm';
import {
  appendOutbox,
  classifyDatabaseError,
  closeDataSource,
  createDataSource,
  Database,
  leaseTable,
  OutboxRelay,
  outboxTable,
  PostgresModule,
  provisionService,
} from '#postgres';
import { waitFor } from '#testing';
import { freePort, type RunningPostgres, startPostgres } from '../../../tools/platform/index.js';
import { aMessage, quiet } from './standard-tables.js';

@Entity('thing')
class Thing {
  @PrimaryColumn('int') id: number;
  @Column('text') note: string;
}

const schema = 'outage';
const ready = { timeoutMs: 20_000, describe: 'the database to answer again' };

/** Passes bytes on, until it is told to swallow them without closing anything: a half-open connection. */
class SilentProxy {
  silent = false;
  private readonly sockets = new Set<Socket>();
  private constructor(private readonly server: Server) {}

  static async to(port: number): Promise<SilentProxy> {
    const server = createServer();
    const proxy = new SilentProxy(server);
    server.on('connection', (near) => {
      const far = connect(port, '127.0.0.1');
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        proxy.sockets.add(from);
        from.on('error', () => to.destroy());
        from.on('close', () => to.destroy());
        from.on('data', (bytes) => proxy.silent || to.write(bytes));
      }
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
  }
}

describe('an outage of Postgres', () => {
  let folder: string;
  let port: number;
  let server: RunningPostgres;
  const start = () => startPostgres({ dataDir: join(folder, 'data'), port, sharedBuffersMb: 16 });
  const urlOf = (at: number) => `postgres://outage:secret@127.0.0.1:${at}/postgres`;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'phanhoi-outage-'));
    port = await freePort();
  });
  afterAll(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('at start keeps no service from starting; it works once the database comes', async () => {
    const imports = [
      PostgresModule.forRoot({ url: urlOf(port), schema, applicationName: 'outage', entities: [Thing] }),
    ];
    const module: TestingModule = await Test.createTestingModule({ imports }).compile();
    await module.init();
    const database = module.get(Database);
    const things = module.get(DataSource).getRepository(Thing);
    expect([await database.ping(), database.isUp]).toEqual([false, false]);
    await things.count().catch((error: unknown) => expect(classifyDatabaseError(error)).toBe('transient'));

    server = await start();
    await database.ping().then((up) => expect(up).toBe(false));
    await provisionService({ adminUrl: server.url, schema, role: schema, password: 'secret' });
    await waitFor(() => database.ping(), ready);
    await database.execute({ name: 'make', text: 'create table thing (id int primary key, note text not null)' });
    await things.save({ id: 1, note: 'kept' });
    expect([await things.find(), database.isUp]).toEqual([[{ id: 1, note: 'kept' }], true]);
    await module.close();
  });

  it('by an immediate stop, five times under load, loses nothing that was committed and never ends the process', async () => {
    const dataSource = await createDataSource({ url: urlOf(port), schema, applicationName: 'outage', logger: quiet });
    const database = new Database(dataSource);
    await waitFor(() => database.ping(), ready);
    for (const [n, table] of [leaseTable, outboxTable].entries())
      await database.execute({ name: `make_${n}`, text: table });
    const published: string[] = [];
    const relay = new OutboxRelay({
      database,
      logger: quiet,
      lease: { holder: 'a' },
      publish: async (messages) => void published.push(...messages.map(({ headers }) => headers['ce_id'] ?? '')),
    });
    relay.start();

    const committed: string[] = [];
    const errors = new Set<string>();
    let writing = true;
    const writer = async (key: string) => {
      for (let n = 1; writing; n += 1) {
        const message = aMessage(key, n);
        try {
          await database.transaction((tx) => appendOutbox(tx, [message]));
          committed.push(`${key}-${n}`);
        } catch (error) {
          errors.add(classifyDatabaseError(error));
          await database.ping();
        }
      }
    };
    const writers = ['t1', 't2', 't3'].map(writer);
    for (let round = 0; round < 5; round += 1) {
      const before = committed.length;
      await waitFor(() => committed.length > before + 50, { ...ready, timeoutMs: 30_000 });
      process.kill(server.pid, 'SIGQUIT');
      await server.exited;
      server = await start();
    }
    const before = committed.length;
    await waitFor(() => committed.length > before + 50, ready);
    writing = false;
    await Promise.all(writers);
    await waitFor(() => committed.every((id) => published.includes(id)), {
      ...ready,
      describe: 'all that was committed',
    });
    expect([...errors]).toEqual(['transient']);
    await relay.stop();
    await closeDataSource(dataSource);
  }, 120_000);

  it('by silence ends the statement, and the dead connection is not used again', async () => {
    const proxy = await SilentProxy.to(port);
    const settings = {
      url: urlOf(proxy.port),
      schema,
      applicationName: 'outage',
      statementTimeoutMs: 200,
      poolSize: 1,
    };
    const dataSource = await createDataSource({ ...settings, entities: [Thing], logger: quiet });
    const database = new Database(dataSource);
    const things = dataSource.getRepository(Thing);
    expect(await things.count()).toBe(1);
    proxy.silent = true;
    const failures = await Promise.allSettled([things.count(), database.ping()]);
    expect(failures[0]).toMatchObject({ status: 'rejected' });
    proxy.silent = false;
    await waitFor(() => database.ping(), ready);
    expect(await things.count()).toBe(1);
    await closeDataSource(dataSource);
    proxy.close();
  });
});
