import { setTimeout as delay } from 'node:timers/promises';
import { type Fault, waitFor } from '#testing';
import type { Report } from '../../bench/harness/report.js';
import { AnsweringDesk, answersAtTheirEnd, judgeAnswers } from '../harness/answering-desk.js';
import { checkInvariants } from '../harness/invariants.js';
import { NetworkWorld } from '../harness/network-world.js';

const intakes = ['phone-intake', 'social-intake'] as const;
const failpoints = ['reply_claimed:3', 'reply_sent:2', 'reply_claimed:2,reply_sent:9', 'reply_sent:4'];
/** Of each, so often, to each provider. */
const faults: readonly Fault[] = [
  'take_and_hang_up',
  'hang_up',
  'take_and_say_nothing',
  { status: 500, body: 'Internal Server Error' },
  { status: 503, headers: { 'retry-after': '1' } },
  { status: 429, headers: { 'retry-after': '1' }, body: '{}' },
];

type Settings = Record<(typeof intakes)[number], Record<string, string>>;

/** Both intakes die between claim and sending, and between sending and writing it down, while answers are due. */
async function crash({ world }: NetworkWorld, env: Settings): Promise<number> {
  let deaths = 0;
  for (const failpoint of failpoints) {
    await Promise.all(
      intakes.map(async (name) => {
        const service = world.service(name);
        const lives = service.recoveries.length;
        const came = (times: number, what: string) =>
          waitFor(() => service.recoveries.length >= lives + times, {
            timeoutMs: 90_000,
            describe: `${name}: ${what}`,
          });
        env[name]['FAILPOINT'] = failpoint;
        service.kill();
        await came(1, 'to come back');
        env[name]['FAILPOINT'] = '';
        await came(2, `a death at ${failpoint}`);
        deaths += 1;
      }),
    );
  }
  return deaths;
}

/** F14 of telephone and networks: answers in the moment of a crash, and to providers that take one and do not say so, say no, or nothing. */
export async function f14Networks(report: Report): Promise<void> {
  const env: Settings = { 'phone-intake': {}, 'social-intake': {} };
  const stage = await NetworkWorld.create(env);
  const { world } = stage;
  try {
    const flow = stage.customers(20);
    const token = await world.token('agent');
    const desk = new AnsweringDesk({ ticketingUrl: world.service('ticketing').url, token, perSecond: 4 });
    const owed = await flow.around(async () => {
      report.figure('deaths between claim and sending, or sending and writing it down', await crash(stage, env));
      stage.failNext(...faults, ...faults);
      await delay(30_000);
    });
    await desk.stop();
    judgeAnswers(report, await answersAtTheirEnd(world, desk.given, stage.simulators));
    await checkInvariants(world, report, owed);
  } finally {
    await stage.close();
  }
}
