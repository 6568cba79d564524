import { randomUUID } from 'node:crypto';
import type { Call, FeedbackReceived, ReceivedVia } from '#contracts';
import { aFeedback } from '#testing';
import { hoursAgo, stageOfThisFile, type TicketingStage } from './ticketing-stage.js';

let stage: TicketingStage;
stageOfThisFile((fresh) => {
  stage = fresh;
});

const customer = '+84900000001';
const line = '+842800000000';
const conversationKey = 'p'.repeat(32);

interface Told {
  readonly via?: ReceivedVia;
  readonly at?: string;
  readonly from?: string;
  readonly account?: string;
  readonly call?: Partial<Call>;
}

/** A missed call of the customer, unless told otherwise, as phone-intake makes it. */
function aCall({
  via = 'push',
  at = hoursAgo(1),
  from = customer,
  account = 'hotline',
  call = {},
}: Told = {}): FeedbackReceived {
  const { subject: _subject, ...event } = aFeedback({
    ...{ channel: 'phone', kind: 'call', account, text: '', recipients: [], occurredAt: at },
    provider: { name: 'pbx', messageId: randomUUID(), receivedVia: via },
    conversationKey: from === customer ? conversationKey : randomUUID().replaceAll('-', ''),
    author: { identity: { kind: 'phone', value: from }, verified: true },
    call: { direction: 'inbound', from, to: line, startedAt: at, durationSeconds: 0, outcome: 'missed', ...call },
    signals: { autoReply: 'none', flags: [] },
  });
  return event;
}
const later = (at: string, seconds: number) => new Date(Date.parse(at) + seconds * 1000).toISOString();

const messages = () =>
  stage.rows<{ direction: string; ticket: boolean; copies: unknown }>(
    'select direction, ticket_id is not null as ticket, copies from messages order by occurred_at, id',
  );

describe('a missed call', () => {
  it('opens a ticket that asks for a call back, and nothing is sent', async () => {
    await stage.receive(aCall());
    expect(await stage.rows('select status, tags, channel from tickets')).toEqual([
      { status: 'new', tags: ['call_back'], channel: 'phone' },
    ]);
    for (const family of ['email', 'phone', 'social'] as const)
      expect(await stage.requestedReplies(family)).toEqual([]);
  });

  it.each<[string, Told]>([
    ['a file', { via: 'import' }],
    ['a backfill', { via: 'backfill' }],
    ['a push that comes a day late', { at: hoursAgo(25) }],
    ['our own attempt to reach the customer', { call: { direction: 'outbound', from: line, to: customer } }],
  ])('out of %s opens none and is kept', async (_, told) => {
    expect(await stage.receive(aCall(told))).toEqual(['ok']);
    expect(await stage.tickets()).toEqual([]);
    expect(await messages()).toEqual([expect.objectContaining({ ticket: false })]);
  });

  it.each(['pending', 'resolved', 'closed'])('out of a file joins what is %s and leaves it so', async (status) => {
    await stage.receive(aCall());
    await stage.rows(
      `update tickets set status = $1, resolved_at = case when $1 in ('resolved', 'closed') then now() end`,
      [status],
    );
    await stage.receive(aCall({ via: 'import', at: hoursAgo(0.5) }));
    expect(await stage.tickets()).toEqual([expect.objectContaining({ status, messages: 2 })]);
  });

  it('that an agent writes down opens one, however late he does', async () => {
    await stage.receive(aCall({ via: 'api', at: hoursAgo(50) }));
    expect(await stage.tickets()).toHaveLength(1);
  });
});

describe('a file of calls', () => {
  const outcomes = ['answered', 'missed', 'busy', 'failed', 'voicemail'] as const;
  const outbound = { direction: 'outbound', from: line, to: customer } as const;
  const at = (hours: number, call: Partial<Call>) => aCall({ via: 'import', at: hoursAgo(hours), call });
  const rows = (hours: number) =>
    outcomes.flatMap((outcome) => [at(hours, { outcome }), at(hours, { outcome, ...outbound })]);

  it('opens no ticket and asks for no answer, whatever became of the calls and however new they are', async () => {
    const history = [...rows(0.1), ...rows(240)];
    expect(await stage.receive(...history)).toEqual(history.map(() => 'ok'));
    expect(await stage.tickets()).toEqual([]);
    expect(await stage.factTypes()).toEqual([]);
    expect((await messages()).map(({ ticket }) => ticket)).toEqual(history.map(() => false));
    for (const family of ['email', 'phone', 'social'] as const)
      expect(await stage.requestedReplies(family)).toEqual([]);
  });

  it('leaves the clocks of a ticket alone that was opened later', async () => {
    await stage.receive(aCall());
    await stage.receive(...rows(240), aCall({ via: 'import', at: hoursAgo(1.1) }));
    await stage.receive(aCall({ at: hoursAgo(0.5), call: { ...outbound, outcome: 'answered', durationSeconds: 90 } }));
    expect(await stage.tickets()).toEqual([expect.objectContaining({ status: 'pending', messages: 1 })]);
    expect((await stage.facts()).filter(({ type }) => type === 'responded')).toEqual([
      expect.objectContaining({ clock: 'first', waitSeconds: 1800 }),
    ]);
  });

  it('does not stand in the way of the next live call', async () => {
    await stage.receive(...rows(0.6));
    await stage.receive(aCall({ at: hoursAgo(0.5) }));
    expect(await stage.rows('select status, tags from tickets')).toEqual([{ status: 'new', tags: ['call_back'] }]);
  });
});

describe('a call that the exchange and a file both tell of', () => {
  const at = hoursAgo(1);
  const pushed = () => aCall({ at, call: { outcome: 'answered', durationSeconds: 61 } });
  const filed = (seconds = 3) =>
    aCall({
      via: 'import',
      account: 'records',
      at: later(at, seconds),
      call: { outcome: 'answered', durationSeconds: 60 },
    });

  it.each(['in one batch', 'one after the other'])('is one call, %s', async (when) => {
    const [first, second] = [pushed(), filed()];
    if (when === 'in one batch') await stage.receive(first, second);
    else {
      await stage.receive(first);
      await stage.receive(second);
    }
    const copies = [{ eventId: second.id, account: 'records' }];
    expect(await messages()).toEqual([{ direction: 'inbound', ticket: true, copies }]);
    expect(await stage.factTypes()).toEqual(['opened', 'message_added']);
  });

  it('is one also when the conversation has gone on to another ticket', async () => {
    await stage.receive(pushed());
    await stage.rows("update tickets set status = 'closed', resolved_at = now() - interval '8 days'");
    await stage.receive(aCall({ at: hoursAgo(0.5) }));
    await stage.receive(filed());
    expect((await stage.tickets()).map((ticket) => ticket.messages)).toEqual([1, 1]);
  });

  it('is two where the times are too far apart', async () => {
    await stage.receive(pushed());
    await stage.receive(filed(6));
    expect(await messages()).toHaveLength(2);
  });
});

describe('our call to the customer', () => {
  const callBack = (outcome: Call['outcome']) =>
    aCall({
      at: hoursAgo(0.5),
      call: { direction: 'outbound', from: line, to: customer, outcome, durationSeconds: 90 },
    });

  it('is the answer to his when he takes it', async () => {
    await stage.receive(aCall());
    await stage.receive(callBack('answered'));
    const [ticket] = await stage.tickets();
    expect(ticket).toMatchObject({ status: 'pending', messages: 1 });
    expect((await stage.facts()).at(-1)).toMatchObject({ type: 'responded', clock: 'first', waitSeconds: 1800 });
  });

  it('is an attempt when he does not', async () => {
    await stage.receive(aCall());
    await stage.receive(callBack('missed'));
    expect(await stage.tickets()).toEqual([expect.objectContaining({ status: 'new', messages: 1 })]);
    expect(await stage.factTypes()).toEqual(['opened', 'message_added', 'message_added']);
    expect((await messages()).map(({ direction }) => direction)).toEqual(['inbound', 'outbound']);
  });
});

it('finds the same call by its index', async () => {
  const text = `explain select id from messages
                where kind = 'call' and call ->> 'to' = '+84' and occurred_at between now() and now()`;
  const plan = await stage.db.database.transaction(async (tx) => {
    await tx.execute('no_seqscan', 'set local enable_seqscan = off');
    return tx.query<{ 'QUERY PLAN': string }>('plan_of_calls', text);
  });
  expect(plan.map((row) => row['QUERY PLAN']).join(' ')).toContain('messages_calls');
});
