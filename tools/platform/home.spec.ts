import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Home } from './home.js';
import { loadSecrets } from './secrets.js';
import { readStack, type Stack, writeStack } from './stack.js';

let folder: string;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'phanhoi-home-')), 'home');
});
afterEach(async () => {
  await rm(join(folder, '..'), { recursive: true, force: true });
});

describe('the state folder', () => {
  it('belongs to one platform at a time', async () => {
    const home = await Home.take(folder);
    expect(await Home.isTaken(folder)).toBe(true);
    await writeFile(home.in('supervisor.pid'), String(process.ppid));
    await expect(Home.take(folder)).rejects.toThrow(`(process ${process.ppid}) already runs`);
    await home.release();
    expect(await Home.isTaken(folder)).toBe(false);
  });

  it('is taken over from a platform that was killed', async () => {
    const home = await Home.take(folder);
    expect(home.wasAbandoned).toBe(false);
    // Beyond the highest process id that Linux gives out.
    await writeFile(home.in('supervisor.pid'), '4194305');
    expect((await Home.take(folder)).wasAbandoned).toBe(true);
  });

  it('keeps its secrets, adds what is missing, and shows them to nobody else', async () => {
    await Home.take(folder);
    const first = await loadSecrets(folder, {
      databaseRoles: ['email'],
      mailboxes: ['support'],
      accounts: ['admin'],
    });
    const second = await loadSecrets(folder, {
      databaseRoles: ['email', 'phone'],
      mailboxes: ['support'],
      accounts: ['admin'],
    });
    expect(second).toEqual({
      ...first,
      databasePasswords: { ...first.databasePasswords, phone: expect.stringMatching(/^[0-9a-f]{24}$/) as string },
    });
    expect((await stat(join(folder, 'secrets.json'))).mode & 0o777).toBe(0o600);
  });

  it('shows a stack only while its platform lives', async () => {
    const home = await Home.take(folder);
    const stack = { services: {}, kafka: ['127.0.0.1:1'] } as unknown as Stack;
    await writeStack(folder, stack);
    expect(await readStack(folder)).toEqual(stack);
    expect((await stat(join(folder, 'stack.json'))).mode & 0o777).toBe(0o600);
    await writeFile(home.in('supervisor.pid'), '4194305');
    expect(await readStack(folder)).toBeUndefined();
    expect(JSON.parse(await readFile(join(folder, 'stack.json'), 'utf8'))).toEqual(stack);
  });
});
