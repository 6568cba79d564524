import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { type RunningPostgres, startPostgres } from '../../../tools/platform/index.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phanhoi-kills-'));
  // What `mktemp -d` makes: closed to the user that PostgreSQL runs as when root starts it.
  await chmod(folder, 0o700);
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function withClient<T>({ url }: RunningPostgres, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

it('a PostgreSQL that was killed in mid-work starts again on the same folder and port, with what was committed', async () => {
  const dataDir = join(folder, 'postgres');
  let postgres = await startPostgres({ dataDir });
  const { port, pid } = postgres;
  const orphan = new pg.Client({ connectionString: postgres.url });
  orphan.on('error', () => undefined);
  await orphan.connect();
  await withClient(postgres, (client) => client.query('create table kept as select 42 as answer'));
  // A session that is busy survives its server for a moment and holds the shared memory.
  const busy = orphan
    .query('select count(*) from generate_series(1, 2000000000)')
    .catch((error: Error) => error.message);

  await postgres.kill();
  postgres = await startPostgres({ dataDir, port });
  try {
    expect(postgres.pid).not.toBe(pid);
    const { rows } = await withClient(postgres, (client) =>
      client.query<{ answer: number }>('select answer from kept'),
    );
    expect(rows).toEqual([{ answer: 42 }]);
    expect(await busy).toEqual(expect.any(String));
    await expect(startPostgres({ dataDir })).rejects.toThrow('already runs on');
  } finally {
    await postgres.stop();
  }
}, 120_000);
