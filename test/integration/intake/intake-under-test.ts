import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { FolderStore, Intake } from '#intake';
import { Publisher } from '#kafka';
import { createLogger } from '#observability';
import { closeDataSource, createDataSource, Database, leaseTable, spoolTable } from '#postgres';
import { type TestDatabase, testBrokers, testDatabase, uniqueName } from '#testing';

export const silent = createLogger('test', 'silent');

class QueueTables1795370400000 implements MigrationInterface {
  readonly name = 'QueueTables1795370400000';
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(spoolTable);
    await queryRunner.query(leaseTable);
  }
  async down(): Promise<void> {}
}

/**
 * A door in front of a server that can be shut. The broker hands out its own address after the first connection, so a door that was
 * shut from the start keeps a publisher out altogether.
 */
class Door {
  private server: Server | undefined;
  private readonly sockets = new Set<Socket>();
  private port = 0;

  constructor(private readonly target: { readonly host: string; readonly port: number }) {}

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  async open(): Promise<void> {
    const server = createServer((socket) => {
      const onward = connect(this.target.port, this.target.host);
      for (const [from, to] of [
        [socket, onward],
        [onward, socket],
      ] as const) {
        this.sockets.add(from);
        from.pipe(to);
        from.on('error', () => to.destroy());
        from.on('close', () => to.destroy());
      }
    });
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    this.port = (server.address() as AddressInfo).port;
    this.server = server;
  }

  /** Cuts what is open and refuses what comes. */
  async shut(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise<void>((resolve) => (this.server === undefined ? resolve() : this.server.close(() => resolve())));
    this.server = undefined;
  }
}

export interface IntakeUnderTest {
  readonly intake: Intake;
  readonly publisher: Publisher;
  readonly brokerDoor: Door;
  readonly databaseDoor: Door;
  readonly database: TestDatabase;
  readonly storeFolder: string;
  spooled(): Promise<number>;
  close(): Promise<void>;
}

/** An intake behind two doors: the broker's is shut, the database's open. */
export async function startIntake(): Promise<IntakeUnderTest> {
  const database = await testDatabase({ schema: 'web_form', migrations: [QueueTables1795370400000] });
  const url = new URL(database.url);
  const databaseDoor = new Door({ host: url.hostname, port: Number(url.port) });
  await databaseDoor.open();
  url.host = databaseDoor.address;
  const dataSource = await createDataSource({
    url: url.href,
    schema: 'web_form',
    applicationName: 'intake-under-test',
  });
  const [host = '', port = ''] = (testBrokers()[0] ?? '').split(':');
  const brokerDoor = new Door({ host, port: Number(port) });
  // Finds a port that nobody else takes meanwhile.
  await brokerDoor.open();
  await brokerDoor.shut();
  const storeFolder = await mkdtemp(join(tmpdir(), 'intake-store-'));
  const publisher = new Publisher({ brokers: [brokerDoor.address], clientId: 'intake-under-test', logger: silent });
  const intake = new Intake({
    app: 'web-form-intake',
    instance: uniqueName('replica'),
    publisher,
    database: new Database(dataSource),
    store: new FolderStore(storeFolder),
    logger: silent,
    sources: [],
  });
  await publisher.start();
  intake.start();
  return {
    intake,
    publisher,
    brokerDoor,
    databaseDoor,
    database,
    storeFolder,
    spooled: async () => {
      const rows = await database.database.query<{ n: string }>({
        name: 'spooled',
        text: 'select count(*) as n from spool',
      });
      return Number(rows[0]?.n);
    },
    close: async () => {
      await intake.stop();
      await publisher.close({ flushMs: 0 });
      await closeDataSource(dataSource);
      await brokerDoor.shut();
      await databaseDoor.shut();
      await database.close();
      await rm(storeFolder, { recursive: true });
    },
  };
}
