import { randomUUID } from 'node:crypto';
import { feedbackReceivedMessage, type LedgerRecord, ledgerMessage, ledgerRecordId, type Settlement } from '#contracts';
import { LedgerWriter, type Publisher } from '#kafka';
import { createLogger } from '#observability';
import { aFeedback, uniqueName, waitFor } from '#testing';
import { consumingServiceOfThisFile, type ServiceUnderTest } from './service-under-test.js';

let service: ServiceUnderTest;
let publisher: Publisher;
consumingServiceOfThisFile((...ours) => ([service, publisher] = ours));

interface Side {
  balanced: boolean;
  [count: string]: unknown;
}
interface Ledger {
  settled: boolean;
  sources: {
    source: string;
    settled: boolean;
    intake: Side;
    consumers: (Side & { app: string; missing: number })[];
    incomplete: { instance: string; settledBy: string; settled: boolean }[];
  }[];
}

async function ledgerOf(source: string): Promise<Ledger> {
  const range = `from=${new Date(Date.now() - 3_600_000).toISOString()}&to=${new Date(Date.now() + 60_000).toISOString()}`;
  const { status, body } = await service.get(`/api/v1/ledger?${range}&source=${source}`);
  expect(status).toBe(200);
  return body as unknown as Ledger;
}

const sourceNow = async (source: string) => (await ledgerOf(source)).sources[0];

function anIntake(source: string, settledBy: Settlement = 'sender', instance = uniqueName('replica')): LedgerWriter {
  const logger = createLogger('test', 'silent');
  return new LedgerWriter({
    app: 'web-form-intake',
    instance,
    publisher,
    logger,
    sources: [{ source, settledBy }],
    everyMs: 100,
  });
}

function receive(writer: LedgerWriter, source: string, outcomes: readonly ('published' | 'refused' | 'lost')[]): void {
  for (const outcome of outcomes) {
    const entry = writer.book.enter(source);
    if (outcome !== 'lost') entry.end(outcome);
  }
}

describe('the ledger', () => {
  it('balances what an intake counted and what a consumer read, and says that ticketing has not', async () => {
    const account = uniqueName('form');
    const source = `web_form:${account}`;
    const intake = anIntake(source);
    intake.start();
    receive(intake, source, ['published', 'published', 'refused']);
    await intake.finish();
    const events = [aFeedback({ channel: 'web_form', account }), aFeedback({ channel: 'web_form', account })];
    await publisher.publish([...events, ...events.slice(1)].map((event) => feedbackReceivedMessage(event)));
    await waitFor(async () => {
      expect(await sourceNow(source)).toMatchObject({
        source,
        settled: false,
        intake: { received: 3, published: 2, spooled: 0, refused: 1, quarantined: 0, noted: 0, balanced: true },
        consumers: [
          { app: 'ticketing', read: 0, missing: 2 },
          {
            app: 'reporting',
            read: 3,
            stored: 2,
            duplicate: 1,
            dropped: 0,
            quarantined: 0,
            balanced: true,
            missing: 0,
          },
        ],
        incomplete: [],
      });
      return true;
    });
  });

  it('shows an input that entered and never came to an end', async () => {
    const source = `web_form:${uniqueName('form')}`;
    const intake = anIntake(source);
    intake.start();
    receive(intake, source, ['refused', 'lost', 'refused']);
    await intake.finish();
    await waitFor(async () => (await sourceNow(source))?.intake.received === 3);
    expect(await sourceNow(source)).toMatchObject({ settled: false, intake: { refused: 2, balanced: false } });
  });

  it.each([
    ['sender', true],
    ['list', false],
  ] as const)('shows the window that a kill cut off; where the %s settles it: %s', async (settledBy, settled) => {
    const source = `web_form:${uniqueName('form')}`;
    const instance = uniqueName('replica');
    const killed = anIntake(source, settledBy, instance);
    killed.start();
    await killed.write();
    const successor = anIntake(source, settledBy, instance);
    successor.start();
    await waitFor(async () => (await sourceNow(source))?.incomplete.length === 1);
    expect(await sourceNow(source)).toMatchObject({ settled, incomplete: [{ instance, settledBy, settled }] });
    const [from, to] = [new Date(0).toISOString(), new Date(Date.now() + 1_000).toISOString()];
    successor.addReconciled({ source, from, to, fetched: 0 });
    await successor.finish();
    await killed.finish();
    await waitFor(async () => (await ledgerOf(source)).settled);
  });

  it('takes the word of another replica, also when the one that was killed comes back much later', async () => {
    const source = `web_form:${uniqueName('form')}`;
    const instance = uniqueName('replica');
    const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
    const intake = { isLast: false, sources: [{ source, settledBy: 'list' as const }] };
    const record = (of: Partial<LedgerRecord>): LedgerRecord => {
      const run = randomUUID();
      const empty = { counts: [], reconciled: [], instance, startedAt: ago(50), at: ago(40), intake };
      return { ...{ id: ledgerRecordId(run, 0), app: 'web-form-intake', run, sequence: 0 }, ...empty, ...of };
    };
    const back = record({ startedAt: ago(1), at: ago(1) });
    await publisher.publish([record({}), back].map(ledgerMessage));
    await waitFor(async () => (await sourceNow(source))?.incomplete[0]?.settled === false);
    const reconciled = [{ source, from: ago(42), to: ago(36), fetched: 0 }];
    await publisher.publish([ledgerMessage(record({ instance: uniqueName('other'), at: ago(36), reconciled }))]);
    await waitFor(async () => (await sourceNow(source))?.incomplete.find((one) => one.instance === instance)?.settled);
  });

  it('counts a record once, however often it comes', async () => {
    const source = `web_form:${uniqueName('form')}`;
    const run = randomUUID();
    const at = new Date().toISOString();
    const record = (sequence: number): LedgerRecord => ({
      id: ledgerRecordId(run, sequence),
      app: 'web-form-intake',
      instance: uniqueName('replica'),
      run,
      sequence,
      startedAt: at,
      at,
      intake: { isLast: true },
      counts: [{ source, minute: at, received: 1, refused: 1 }],
      reconciled: [],
    });
    const records = [0, 0, 1, 1, 0, 2].map((sequence) => ledgerMessage(record(sequence)));
    await publisher.publish(records.slice(0, 4));
    await publisher.publish(records.slice(4));
    await waitFor(async () => (await sourceNow(source))?.intake.received === 3);
    expect(await sourceNow(source)).toMatchObject({ settled: true, intake: { received: 3, refused: 3 } });
  });
});

describe('GET /api/v1/ledger', () => {
  it.each([
    [
      '',
      [
        ['from', 'required'],
        ['to', 'required'],
      ],
    ],
    ['from=2026-11-22&to=2026-11-21', [['to', 'not_after_from']]],
    ['from=0001-01-01&to=2026-11-21', [['from', 'time_out_of_range']]],
    ['from=2026-02-31&to=2026-11-21', [['from', 'invalid_time']]],
    ["from=2026-11-01&to=2026-11-21'--", [['to', 'invalid_time']]],
    ['from=2026-11-01&from=2026-11-02&to=2026-11-21', [['from', 'given_twice']]],
    [`from=2026-11-01&to=2026-11-21&source=${'x'.repeat(142)}`, [['source', 'too_long']]],
    ['from=2026-11-01&to=2026-11-21&sort=source', [['sort', 'unknown_parameter']]],
  ])('refuses %s', async (query, errors) => {
    const { status, body } = await service.get(`/api/v1/ledger?${query}`);
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'validation_failed' });
    const given = (body.errors as { field: string; code: string }[]).map(({ field, code }) => [field, code]);
    expect(given).toEqual(errors);
  });

  it('is for analysts, supervisors and administrators', async () => {
    const asked = '/api/v1/ledger?from=2026-11-01&to=2026-11-02';
    const roles = ['analyst', 'supervisor', 'admin', 'agent'] as const;
    const statuses = await Promise.all(roles.map(async (role) => (await service.get(asked, role)).status));
    expect(statuses).toEqual([200, 200, 200, 403]);
  });
});
