import type { ReplyRequested } from '#contracts';
import { type Fault, MetaSimulator, uniqueName, waitFor } from '#testing';
import { Answers } from './answers.js';
import { ServiceUnderTest } from './service-under-test.js';

const app = { appSecret: 'app-secret', accessToken: 'token' };
/** Two of them leave nobody's telephone ringing, and nobody knowing. */
const faults: readonly Fault[] = [
  'take_and_hang_up',
  'hang_up',
  { status: 500, body: 'Internal Server Error' },
  { status: 503, body: '' },
  MetaSimulator.error(403, 613),
];
const rounds = 5;

it('of forty answers over a network that hangs up, fails and throttles each arrives at most once, and its state is true', async () => {
  const meta = await MetaSimulator.start(app);
  const ids = { messenger: uniqueName('messenger'), whatsapp: uniqueName('whatsapp') };
  const base = { provider: 'meta', credentials: { ...app, verifyToken: 'verify' }, options: { api: meta.api } };
  const service = await ServiceUnderTest.start([
    { ...base, id: ids.messenger, channel: 'messenger', address: '77' },
    { ...base, id: ids.whatsapp, channel: 'whatsapp', address: '78' },
  ]);
  const answers = await Answers.of(service);
  try {
    meta.reportEverything(`${service.url}/webhooks/meta/${ids.messenger}`);
    meta.failNext(...Array.from({ length: rounds }, () => faults).flat());
    const asked: ReplyRequested[] = [];
    for (let index = 0; index < 20; index++) {
      const person = String(900_000 + index);
      const direct = { kind: 'handle', value: `messenger:${person}` } as const;
      const phone = { kind: 'phone', value: `+84${person}` } as const;
      asked.push(
        await answers.request({ account: ids.messenger, channel: 'messenger', to: direct }),
        await answers.request({ account: ids.whatsapp, channel: 'whatsapp', to: phone }),
      );
    }
    const taken = (reply: ReplyRequested) =>
      meta.answers.filter(({ metadata }) => metadata?.endsWith(reply.id) === true).length;
    await waitFor(
      async () => {
        const states = await answers.states(asked);
        // Meta has it and it is known to be there, or Meta does not and nobody says so.
        return asked.every((reply) => {
          const known = reply.channel === 'messenger' ? 'sent' : 'read';
          return states.get(reply.id)?.at(-1) === (taken(reply) === 0 ? 'uncertain no_answer' : known);
        });
      },
      { timeoutMs: 90_000, everyMs: 500, describe: () => 'every answer to be settled' },
    );
    const counts = asked.map(taken);
    expect(Math.max(...counts)).toBe(1);
    expect(counts.filter((count) => count === 0)).toHaveLength(2 * rounds);
    expect(await service.events(Object.values(ids), 0)).toEqual([]);
  } finally {
    await answers.close();
    await service.close();
    await meta.close();
  }
}, 180_000);
