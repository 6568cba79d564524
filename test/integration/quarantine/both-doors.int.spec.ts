import { jest } from '@jest/globals';
import type { DeadLetter, QuarantineResolved } from '#contracts';
import { uniqueName, waitFor } from '#testing';
import { type Listed, QuarantineCommand } from '../tools/quarantine-command.js';
import { PlatformUnderTest } from './platform-under-test.js';

jest.setTimeout(180_000);

/** A letter as reporting's API shows it. */
interface Shown extends DeadLetter {
  readonly state: string;
  readonly bytes: number;
  readonly resolved?: QuarantineResolved;
}

let platform: PlatformUnderTest;
let command: QuarantineCommand;
// The settings of the gateway are wrong: its SMS name their sender in another field.
beforeAll(async () => {
  platform = await PlatformUnderTest.start('sender');
  command = new QuarantineCommand(platform.brokers);
});
afterAll(() => platform.close());

const itemsOf = (text: string) => (JSON.parse(text) as { items: Shown[] }).items;
const codeOf = (text: string) => (JSON.parse(text) as { code: string }).code;
const letterOf = async (id: string) => itemsOf((await platform.admin('GET', `quarantine/${id}`)).text)[0];

/** The one letter that waits for this app, as the API lists it once reporting has read it: by the channel too, whoever refused it. */
async function waiting(app: string): Promise<string> {
  return await waitFor(async () => {
    const items = itemsOf((await platform.admin('GET', `quarantine?app=${app}&channel=sms`)).text);
    return items.length === 1 ? items[0]?.id : undefined;
  });
}

/** What both doors say of a letter, once they say the same of its fate. */
async function atBothDoors(id: string, state: string): Promise<readonly [Shown | undefined, Listed | undefined]> {
  const listed = (await command.list('--all')).find(({ letter }) => letter.id === id);
  const shown = await waitFor(async () => {
    const item = await letterOf(id);
    return item?.state === state && item.resolved?.at === listed?.resolved?.at ? item : undefined;
  });
  return [shown, listed];
}

/** The API's view of what the command line lists. */
const asShown = ({ letter, resolved }: Listed, state: string) => ({
  ...letter,
  state,
  bytes: letter.body?.bytes ?? 0,
  ...(resolved && { resolved }),
});

async function expectWaitsAtBothDoors(id: string, bytes: string, letter: Partial<DeadLetter>): Promise<void> {
  const [shown, listed] = await atBothDoors(id, 'waiting');
  expect((await command.list('--channel', 'sms')).map((item) => item.letter.id)).toEqual([id]);
  expect(shown).toMatchObject(letter);
  expect(shown).toEqual(listed && asShown(listed, 'waiting'));
  expect(await command.run('show', id, '--bytes')).toBe(bytes);
  expect((await platform.admin('GET', `quarantine/${id}/bytes`)).text).toBe(bytes);
}

/** Settled at one door, it is settled at the other: nothing can be done about it a second time. */
async function expectSettledAtBothDoors(id: string, resolved: Partial<QuarantineResolved>): Promise<void> {
  const [shown, listed] = await atBothDoors(id, String(resolved.resolution));
  expect(shown?.resolved).toMatchObject(resolved);
  expect(shown).toEqual(listed && asShown(listed, String(resolved.resolution)));
  const { status, text } = await platform.admin('POST', `quarantine/${id}/replay`);
  expect([status, codeOf(text)]).toEqual([409, 'dead_letter_settled']);
  await expect(command.run('replay', id)).rejects.toThrow('No waiting dead letter fits');
}

/** Every input and every record of the account has come to an end, counted where it ended. */
async function expectLedgerSettled(quarantined: { intake: number; ticketing: number }, published: number) {
  const range = `from=${new Date(Date.now() - 3_600_000).toISOString()}&to=${new Date(Date.now() + 60_000).toISOString()}`;
  interface Side {
    readonly balanced: boolean;
    readonly quarantined: number;
  }
  interface Source {
    readonly settled: boolean;
    readonly intake: Side & { readonly published: number };
    readonly consumers: readonly (Side & { readonly app: string; readonly stored: number })[];
  }
  const source = await waitFor(async () => {
    const { text } = await platform.admin('GET', `ledger?${range}&source=${platform.source}`);
    const [found] = (JSON.parse(text) as { sources: Source[] }).sources;
    return found?.settled === true && found.intake.published >= published ? found : undefined;
  });
  const ticketing = source.consumers.find(({ app }) => app === 'ticketing');
  expect([source.intake.balanced, source.intake.quarantined]).toEqual([true, quarantined.intake]);
  expect([ticketing?.balanced, ticketing?.quarantined]).toEqual([true, quarantined.ticketing]);
  return ticketing?.stored;
}

it('what an intake could not read goes through it again once its settings are right, and becomes one ticket', async () => {
  const sms = uniqueName('sms');
  const bytes = await platform.sendSms(sms, 'Mạng nhà tôi chậm');
  const id = await waiting('phone-intake');
  await expectWaitsAtBothDoors(id, bytes, {
    app: 'phone-intake',
    reason: 'unparseable',
    step: 'parse',
    source: {
      kind: 'intake',
      channel: 'sms',
      account: platform.account,
      context: { contentType: 'application/json' },
    },
  });
  expect(await platform.stored(sms)).toEqual({ messages: 0, tickets: 0 });

  await platform.configureGateway('from');
  const answers = await Promise.all(Array.from({ length: 5 }, () => platform.admin('POST', `quarantine/${id}/replay`)));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409]);
  await waitFor(async () => (await platform.stored(sms)).messages === 1);
  await expectSettledAtBothDoors(id, { resolution: 'replayed', by: 'Ai đó someone' });
  expect(await expectLedgerSettled({ intake: 1, ticketing: 0 }, 1)).toBe(1);
  expect(await platform.stored(sms)).toEqual({ messages: 1, tickets: 1 });
});

it('what a consumer refused is taken once when both doors replay it at the same time', async () => {
  const sms = uniqueName('sms');
  const text = `Không lưu được ${sms}`;
  const allow = await platform.refuseText(text);
  await platform.sendSms(sms, text);
  const id = await waiting('ticketing');
  const record = await letterOf(id);
  const bytes = Buffer.from(record?.body?.base64 ?? '', 'base64').toString();
  expect(JSON.parse(bytes)).toMatchObject({ channel: 'sms', account: platform.account, text });
  await expectWaitsAtBothDoors(id, bytes, {
    app: 'ticketing',
    reason: 'refused_by_database',
    source: expect.objectContaining({ kind: 'log', topic: 'feedback.received.v1' }) as DeadLetter['source'],
  });
  expect(await platform.stored(sms)).toEqual({ messages: 0, tickets: 0 });

  await allow();
  const [byApi, byCommand] = await Promise.all([
    Promise.all(Array.from({ length: 3 }, () => platform.admin('POST', `quarantine/${id}/replay`))),
    Promise.allSettled(Array.from({ length: 2 }, () => command.run('replay', id, '--by', 'lan'))),
  ]);
  expect(byApi.filter(({ status }) => status !== 409).map(({ status }) => status)).toEqual([200]);
  const refused = byCommand.flatMap((result) => (result.status === 'rejected' ? [String(result.reason)] : []));
  for (const said of refused) expect(said).toContain('No waiting dead letter fits');
  await waitFor(async () => (await platform.stored(sms)).messages === 1);
  await expectSettledAtBothDoors(id, { resolution: 'replayed' });
  expect(await expectLedgerSettled({ intake: 1, ticketing: 1 }, 2)).toBe(2);
  expect(await platform.stored(sms)).toEqual({ messages: 1, tickets: 1 });
});

it('what is discarded at one door is discarded at the other, with the reason, and never becomes a ticket', async () => {
  await platform.configureGateway('sender');
  const [one, other] = [uniqueName('sms'), uniqueName('sms')];
  await platform.sendSms(one, 'Thử một');
  const first = await waiting('phone-intake');
  await platform.admin('POST', `quarantine/${first}/discard`, { because: 'a test of the gateway' });
  await expectSettledAtBothDoors(first, { resolution: 'discarded', reason: 'a test of the gateway' });

  await platform.sendSms(other, 'Thử hai');
  const second = await waiting('phone-intake');
  await command.run('discard', second, '--because', 'another test', '--by', 'lan');
  await expectSettledAtBothDoors(second, { resolution: 'discarded', reason: 'another test', by: 'lan' });
  expect([await platform.stored(one), await platform.stored(other)]).toEqual(
    Array.from({ length: 2 }, () => ({ messages: 0, tickets: 0 })),
  );
});
