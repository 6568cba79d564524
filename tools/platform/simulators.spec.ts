import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { receivedPath } from '#testing';
import { freePorts } from './ports.js';
import { type SimulatorOptions, Simulators } from './simulators.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phanhoi-simulators-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function options(played: SimulatorOptions['played']): Promise<SimulatorOptions> {
  const [twilio = 0, telegram = 0, meta = 0, zalo = 0, zaloSignIn = 0] = await freePorts(5);
  return {
    played,
    ports: { twilio, telegram, meta, zalo, zaloSignIn },
    secrets: {
      twilio: { accountSid: 'AC1', authToken: 'token' },
      telegram: { botToken: 'bot', secretToken: 'secret' },
      zalo: { appId: '1', oaSecretKey: 'key', appSecret: 'app', refreshToken: 'first' },
      meta: { appSecret: 'app', verifyToken: 'verify', accessToken: 'access' },
    },
    ids: { zalo: '2' },
    webhooks: { meta: 'http://127.0.0.1:9', zalo: 'http://127.0.0.1:9' },
    tokenFile: join(folder, 'zalo-tokens.json'),
  };
}

async function exchange({ ports }: SimulatorOptions, refreshToken: string): Promise<Record<string, string>> {
  const answer = await fetch(`http://127.0.0.1:${ports.zaloSignIn}/v4/oa/access_token`, {
    method: 'POST',
    headers: { secret_key: 'app' },
    body: new URLSearchParams({ refresh_token: refreshToken, app_id: '1', grant_type: 'refresh_token' }),
  });
  return (await answer.json()) as Record<string, string>;
}

it('only those whose address nobody has named are played, Zalo whole or not at all', async () => {
  const simulators = await Simulators.start(await options(['telegram', 'zalo']));
  expect(Object.keys(simulators.urls)).toEqual(['telegram']);
  await simulators.close();
});

it('what a bot has sent can be read over HTTP', async () => {
  const simulators = await Simulators.start(await options(['telegram']));
  const url = simulators.urls['telegram'];
  const body = { chat_id: '7', text: 'xong', reply_parameters: { message_id: 12 } };
  await fetch(`${url}/botbot/sendMessage`, { method: 'POST', body: JSON.stringify(body) });
  expect(await (await fetch(`${url}${receivedPath}`)).json()).toEqual([{ to: '7', text: 'xong', inReplyTo: '12' }]);
  await simulators.close();
});

it("a refresh token is good once, also when the platform was stopped in between, and Zalo's word of it is kept", async () => {
  const given = await options(['zalo', 'zaloSignIn']);
  const first = await Simulators.start(given);
  const { refresh_token: next = '' } = await exchange(given, 'first');
  await first.close();
  const second = await Simulators.start(given);
  expect(await exchange(given, 'first')).toMatchObject({ error: -14014 });
  expect(await exchange(given, next)).toMatchObject({ refresh_token: expect.any(String) as string });
  await second.close();
});

it('when one port is taken, none is left open', async () => {
  const given = await options(['twilio', 'telegram']);
  const holder = await Simulators.start({ ...given, played: ['telegram'] });
  await expect(Simulators.start(given)).rejects.toThrow('EADDRINUSE');
  await expect(fetch(`http://127.0.0.1:${given.ports.twilio}${receivedPath}`)).rejects.toThrow('fetch failed');
  await holder.close();
});
