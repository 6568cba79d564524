import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { contracts, decode, intakeDeadLetterId, type WireMessage } from '#contracts';
import { setFailpoints } from '#env';
import { LedgerBook, PublishError } from '#kafka';
import { createLogger } from '#observability';
import { StoreError } from './attachment-store.js';
import { BrokerGate } from './broker-gate.js';
import { DurableLog } from './durable-log.js';
import { type Arrival, IntakePipeline, type IntakeSteps } from './intake-pipeline.js';
import { httpStatus } from './outcome.js';

const logger = createLogger('test', 'silent');
const id = '0d4f3c9e-1f0c-5d59-9a38-50a1f5ce8b11';
const at = '2026-11-22T10:00:00.000Z';
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

function arrival(bytes: Buffer): Arrival {
  return {
    event: {
      id,
      channel: 'web_form',
      kind: 'message',
      account: 'feedback',
      provider: { name: 'form', messageId: 'm', receivedVia: 'push' },
      conversationKey: 'abc',
      occurredAt: at,
      receivedAt: at,
      author: { verified: false },
      recipients: [],
      thread: { references: [], hints: [] },
      text: 'Mất mạng',
      attachments: [],
      signals: { autoReply: 'none', flags: [] },
    },
    original: { bytes, contentType: 'application/json' },
  };
}

const patienceMs = 1_234;

/** A broker, a database and a store in memory, each of which can be away. */
function world() {
  const state = {
    broker: 'up' as 'up' | 'away' | 'busy' | 'too_large',
    database: true,
    asked: 0,
    waited: undefined as number | undefined,
    log: [] as WireMessage[],
    spool: [] as WireMessage[],
    files: new Map<string, Buffer>(),
  };
  const publisher = {
    available: true,
    publish: async (messages: readonly WireMessage[], { deadlineMs }: { readonly deadlineMs?: number } = {}) => {
      state.asked += 1;
      state.waited = deadlineMs;
      if (state.broker === 'too_large' && messages.some((message) => message.topic === 'feedback.raw.v1'))
        throw new PublishError('too_large', 'test');
      if (state.broker === 'away') throw new PublishError('unavailable', 'test');
      if (state.broker === 'busy') throw new PublishError('busy', 'test');
      state.log.push(...messages);
    },
  };
  const spool = {
    append: async (messages: readonly WireMessage[]) => {
      if (state.database) state.spool.push(...messages);
      return state.database;
    },
    front: async () => state.spool[0],
  };
  const gate = new BrokerGate(publisher, spool, logger);
  const store = {
    put: async (stream: Readable) => {
      const bytes = await buffer(stream);
      state.files.set(sha256(bytes), bytes);
      return { sha256: sha256(bytes), bytes: bytes.length };
    },
  };
  const log = new DurableLog(publisher, spool, gate, patienceMs);
  const book = new LedgerBook();
  const ledger = { book, addReconciled: () => undefined };
  const pipeline = new IntakePipeline({
    app: 'web-form-intake',
    log,
    store,
    ledger,
    logger,
    now: () => Date.parse(at),
  });
  return Object.assign(state, { pipeline, gate, book });
}

const topicsOf = (messages: readonly WireMessage[]) => messages.map((message) => message.topic);
const pairTopics = ['feedback.received.v1', 'feedback.raw.v1'];

describe('IntakePipeline', () => {
  it('publishes event and original as one pair, stamped with the time of arrival', async () => {
    const { pipeline, log } = world();
    const bytes = Buffer.from('{"message":"Mất mạng"}');
    expect(await pipeline.accept(arrival(bytes))).toEqual({ kind: 'accepted', eventId: id, stored: 'log' });
    expect(topicsOf(log)).toEqual(pairTopics);
    const [event, raw] = log;
    const decoded = event === undefined ? undefined : decode(contracts.feedbackReceived, event);
    expect(decoded).toMatchObject({
      ok: true,
      data: { id, raw: { ref: `log:${id}`, sha256: sha256(bytes), bytes: bytes.length } },
    });
    expect(raw?.value).toEqual(bytes);
    expect(log.map((message) => message.timestamp)).toEqual([Date.parse(at), Date.parse(at)]);
  });

  it('waits for the broker as long as its source can', async () => {
    const it = world();
    await it.pipeline.accept(arrival(Buffer.from('{}')));
    expect(it.waited).toBe(patienceMs);
  });

  it('puts a large original into the store and refers to it', async () => {
    const { pipeline, log, files } = world();
    const bytes = Buffer.alloc(128 * 1024 + 1, 'x');
    await pipeline.accept(arrival(bytes));
    expect(topicsOf(log)).toEqual(['feedback.received.v1']);
    expect(files.get(sha256(bytes))).toEqual(bytes);
    expect(JSON.parse(String(log[0]?.value))).toMatchObject({ raw: { ref: `store:${sha256(bytes)}` } });
  });

  it('spools the pair when the broker is away, and stops asking it after three failures', async () => {
    const it = world();
    it.broker = 'away';
    const outcomes = [];
    for (let i = 0; i < 5; i++) outcomes.push(await it.pipeline.accept(arrival(Buffer.from('{}'))));
    expect(outcomes).toEqual(Array(5).fill({ kind: 'accepted', eventId: id, stored: 'spool' }));
    expect(topicsOf(it.spool)).toEqual(Array(5).fill(pairTopics).flat());
    expect(it.asked).toBe(3);
    it.gate.close();
  });

  it.each([
    ['broker and database are away', 'away', false],
    ['the publisher’s memory is full', 'busy', true],
  ] as const)('acknowledges nothing when %s', async (_, broker, database) => {
    const it = world();
    Object.assign(it, { broker, database });
    const outcome = await it.pipeline.accept(arrival(Buffer.from('{}')));
    expect(outcome).toEqual({ kind: 'busy', retryAfterSeconds: 5 });
    expect(httpStatus(outcome)).toBe(503);
    expect(await it.pipeline.quarantine(unreadable(Buffer.from('?')))).toEqual({ kind: 'busy', retryAfterSeconds: 5 });
    expect([...it.log, ...it.spool]).toEqual([]);
    it.gate.close();
  });

  it('quarantines a pair that the broker finds too large, with its bytes', async () => {
    const it = world();
    it.broker = 'too_large';
    const bytes = Buffer.from('{}');
    expect(await it.pipeline.accept(arrival(bytes))).toEqual({
      kind: 'quarantined',
      deadLetterId: intakeDeadLetterId('web_form', 'feedback', sha256(bytes)),
      stored: 'log',
    });
    expect(JSON.parse(String(it.log[0]?.value))).toMatchObject({ reason: 'message_too_large', step: 'publish' });
  });

  it.each([
    ['small bytes inside the letter', Buffer.from([0xff, 0x00, 0x01])],
    ['large bytes in the store', Buffer.alloc(200_000, 1)],
  ])('quarantines %s, under an id that follows from them', async (_, bytes) => {
    const it = world();
    const first = await it.pipeline.quarantine(unreadable(bytes));
    expect(first).toEqual(await it.pipeline.quarantine(unreadable(bytes)));
    const [message] = it.log;
    expect(message?.topic).toBe('dead.web-form-intake.v1');
    const letter = message === undefined ? undefined : decode(contracts.deadLetter, message);
    expect(letter).toEqual({
      ok: true,
      id: intakeDeadLetterId('email', 'support', sha256(bytes)),
      data: {
        id: intakeDeadLetterId('email', 'support', sha256(bytes)),
        app: 'web-form-intake',
        reason: 'unparseable',
        step: 'parse',
        detail: 'no header',
        at,
        source: { kind: 'intake', channel: 'email', account: 'support', context: { internalDate: at } },
        key: null,
        headers: {},
        body:
          bytes.length < 1000
            ? { sha256: sha256(bytes), bytes: bytes.length, base64: bytes.toString('base64') }
            : { sha256: sha256(bytes), bytes: bytes.length, ref: `store:${sha256(bytes)}` },
      },
    });
    expect(it.files.get(sha256(bytes))).toEqual(bytes.length < 1000 ? undefined : bytes);
  });

  const steps: IntakeSteps<string, string> = {
    source: 'web_form',
    verify: (raw) => (raw === 'forged' ? refused('unauthenticated', 'bad_signature') : { ok: true, value: raw }),
    parse: (raw) =>
      raw === 'noise' ? { ok: false, unreadable: unreadable(Buffer.from(raw)) } : { ok: true, value: raw },
    normalize: (parsed) =>
      parsed === 'empty' ? refused('invalid', 'required') : { ok: true, value: arrival(Buffer.from(parsed)) },
    prepare: async (_arrival, raw) => {
      if (raw === 'full') throw new StoreError('full', 'test');
      if (raw === 'known') return { kind: 'accepted', eventId: id, stored: 'log' };
      return raw === 'used' ? { kind: 'refused', ...refused('invalid', 'idempotency_key_reused') } : undefined;
    },
  };

  it.each([
    ['good', 202, 'accepted', pairTopics],
    ['forged', 401, 'refused', []],
    ['noise', 202, 'quarantined', ['dead.web-form-intake.v1']],
    ['empty', 422, 'refused', []],
    ['used', 422, 'refused', []],
    ['known', 202, 'accepted', []],
    ['full', 503, 'busy', []],
  ])('runs the steps over %j: %d %s', async (raw, status, kind, topics) => {
    const it = world();
    const outcome = await it.pipeline.receive(raw, steps);
    expect([httpStatus(outcome), outcome.kind]).toEqual([status, kind]);
    expect(topicsOf(it.log)).toEqual(topics);
  });
});

function refused(kind: 'unauthenticated' | 'invalid', code: string) {
  return { ok: false, refusal: { kind, code, detail: code } } as const;
}

function unreadable(bytes: Buffer) {
  return {
    channel: 'email',
    account: 'support',
    bytes,
    reason: 'unparseable',
    step: 'parse',
    detail: 'no header',
    context: { internalDate: at },
  } as const;
}

describe('the ledger', () => {
  const minute = '2026-11-20T01:02:00.000Z';
  const counts = ({ book }: ReturnType<typeof world>) => {
    book.closeOpen(Number.POSITIVE_INFINITY);
    return book.take(100).map((count) => ({ ...count, minute }));
  };

  it.each([
    ['published', 'up', true],
    ['spooled', 'away', true],
    ['refused', 'away', false],
    ['quarantined', 'too_large', true],
  ] as const)('balances an input that is %s', async (outcome, broker, database) => {
    const it = world();
    Object.assign(it, { broker, database });
    await it.pipeline.accept(arrival(Buffer.from('{}')));
    expect(counts(it)).toEqual([{ source: 'web_form:feedback', minute, received: 1, [outcome]: 1 }]);
    it.gate.close();
  });

  it('does not balance when an input is lost between the entrance and the store', async () => {
    const it = world();
    setFailpoints('drop_input:2');
    try {
      for (let i = 0; i < 3; i++) await it.pipeline.accept(arrival(Buffer.from('{}')));
    } finally {
      setFailpoints(undefined);
    }
    expect(counts(it)).toEqual([{ source: 'web_form:feedback', minute, received: 3, published: 2 }]);
  });
});
