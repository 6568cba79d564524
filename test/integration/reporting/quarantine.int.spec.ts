import { createHash, randomUUID } from 'node:crypto';
import {
  contracts,
  type DeadLetter,
  deadLetterMessage,
  decode,
  feedbackReceivedMessage,
  quarantineResolvedMessage,
  topics,
} from '#contracts';
import { type Publisher, readTopic } from '#kafka';
import { aFeedback, uniqueName, waitFor } from '#testing';
import { address, type Answer, consumingServiceOfThisFile, type ServiceUnderTest } from './service-under-test.js';

let service: ServiceUnderTest;
let publisher: Publisher;
consumingServiceOfThisFile((...ours) => ([service, publisher] = ours));

const kept = (bytes: Buffer) => ({
  sha256: createHash('sha256').update(bytes).digest('hex'),
  bytes: bytes.length,
  base64: bytes.toString('base64'),
});

function aLetter(change: Partial<DeadLetter> = {}): DeadLetter {
  return {
    id: randomUUID(),
    app: 'social-intake',
    reason: 'unknown_event',
    step: 'normalize',
    at: new Date().toISOString(),
    source: { kind: 'intake', channel: 'zalo', account: uniqueName('oa') },
    key: null,
    headers: { note: 'a NUL: \u0000' },
    body: kept(Buffer.from('{"event_name":"user_does_what_nobody_knows"}')),
    ...change,
  };
}

const accountOf = ({ source }: DeadLetter) => (source.kind === 'intake' ? source.account : '');

async function write(...letters: readonly DeadLetter[]): Promise<void> {
  await publisher.publish(letters.map((letter) => deadLetterMessage(letter)));
  for (const { id } of letters)
    await waitFor(async () => (await service.get(`/api/v1/quarantine/${id}`, 'admin')).status === 200);
}

async function post(path: string, body: object = {}): Promise<Answer> {
  return await service.post(`/api/v1/quarantine/${path}`, body, 'admin');
}

async function listed(query: string): Promise<Record<string, unknown>[]> {
  const { status, body } = await service.get(`/api/v1/quarantine?${query}`, 'admin');
  expect(status).toBe(200);
  return body.items as Record<string, unknown>[];
}

async function countOn(topic: string, fits: (value: Buffer) => boolean): Promise<number> {
  let count = 0;
  await readTopic(address(), {
    topic,
    onRecord: ({ bytes }) => {
      if (bytes !== null && fits(bytes)) count += 1;
    },
  });
  return count;
}

describe('the quarantine', () => {
  it('lists what an intake could not read, with its bytes, and sends it back once, however many ask', async () => {
    const letter = aLetter();
    await write(letter);
    const { id, app, at, reason, step, source } = letter;
    const summary = { id, app, at, reason, step, source, state: 'waiting', bytes: letter.body?.bytes };
    expect(await listed(`account=${accountOf(letter)}`)).toEqual([summary]);
    expect((await service.get(`/api/v1/quarantine/${id}/bytes`, 'admin')).text).toBe(
      Buffer.from(letter.body?.base64 ?? '', 'base64').toString(),
    );
    const answers = await Promise.all(Array.from({ length: 5 }, () => post(`${id}/replay`)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409]);
    expect(answers.find(({ status }) => status === 409)?.body).toMatchObject({ code: 'dead_letter_settled' });
    expect(await listed(`account=${accountOf(letter)}`)).toEqual([]);
    expect(await listed(`account=${accountOf(letter)}&state=replayed`)).toMatchObject([{ id, state: 'replayed' }]);
    expect(await countOn(topics.intakeReplay('social-intake'), (value) => value.includes(id))).toBe(1);
    expect(await countOn(topics.quarantineResolved, (value) => value.includes(id))).toBe(1);
  });

  it('sends what a consumer refused back to where it lay, and it is taken there once', async () => {
    const account = uniqueName('form');
    const event = aFeedback({ channel: 'web_form', account });
    const message = feedbackReceivedMessage(event);
    const letter = aLetter({
      app: 'ticketing',
      reason: 'schema_violation',
      step: 'decode',
      source: { kind: 'log', topic: message.topic, partition: 0, offset: '7', timestamp: String(message.timestamp) },
      key: message.key,
      headers: message.headers,
      body: kept(message.value ?? Buffer.alloc(0)),
    });
    await write(letter);
    expect(await listed(`channel=web_form&account=${account}`)).toMatchObject([{ id: letter.id, app: 'ticketing' }]);
    expect((await post(`${letter.id}/replay`)).status).toBe(200);
    const asked = `/api/v1/reports?metrics=feedback_count&from=2020-01-01&to=2090-01-01&granularity=month&filter.account=${account}`;
    await waitFor(async () => {
      const { body } = await service.get(asked);
      return (body.totals as { feedback_count?: number }).feedback_count === 1;
    });
  });

  it("lists a consumer's letter whose envelope is poison too under its topic alone", async () => {
    const topic = uniqueName('topic');
    const source = { kind: 'log', topic, partition: 0, offset: '7' } as const;
    const envelopes = [{ ce_source: '/phanhoi/zalo/a\u0000b' }, { ce_source: '/phanhoi/ticketing' }, {}];
    const letters = envelopes.map((headers) => aLetter({ app: 'ticketing', source, headers }));
    await write(...letters);
    expect((await listed(`topic=${topic}`)).map(({ id }) => id).sort()).toEqual(letters.map(({ id }) => id).sort());
    expect(await listed(`topic=${topic}&channel=zalo`)).toEqual([]);
  });

  it('discards only with a reason, and remembers who it was', async () => {
    const letter = aLetter();
    await write(letter);
    expect(await post(`${letter.id}/discard`)).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
    const { status, body } = await post(`${letter.id}/discard`, { because: 'a test of the network' });
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { id: letter.id, resolution: 'discarded', reason: 'a test of the network' },
    });
    const [item] = await listed(`account=${accountOf(letter)}&state=discarded`);
    expect(item?.resolved).toEqual(body);
  });

  it('takes the word of the command line, and lets a letter wait again that was refused again', async () => {
    const letter = aLetter();
    await write(letter);
    const word = {
      id: letter.id,
      app: letter.app,
      resolution: 'replayed',
      by: 'lan',
      at: new Date().toISOString(),
    } as const;
    await publisher.publish([quarantineResolvedMessage(word)]);
    await waitFor(async () => (await listed(`account=${accountOf(letter)}`)).length === 0);
    const again = { ...letter, at: new Date(Date.now() + 1_000).toISOString() };
    await publisher.publish([deadLetterMessage(again)]);
    await waitFor(async () => (await listed(`account=${accountOf(letter)}`)).length === 1);
  });

  it('settles by filter, in order, and says what it could not', async () => {
    const account = uniqueName('oa');
    const source = { kind: 'intake', channel: 'zalo', account } as const;
    const start = Date.now();
    const letters = Array.from({ length: 5 }, (_, index) =>
      aLetter({ source, at: new Date(start + index).toISOString(), ...(index === 3 ? { body: null } : {}) }),
    );
    await write(...letters);
    const answer = await post('replay', { channel: 'zalo', account });
    expect({ status: answer.status, body: answer.body }).toEqual({
      status: 200,
      body: { settled: 4, failed: [{ id: letters[3]?.id, code: 'bytes_gone' }], more: false },
    });
    expect((await listed(`account=${account}`)).map(({ id }) => id)).toEqual([letters[3]?.id]);
    expect((await post('discard', { account, because: 'nothing left of it' })).body).toMatchObject({ settled: 1 });
    expect((await post('replay', { account })).body).toEqual({ settled: 0, failed: [], more: false });
  });

  it('finds by time what was written from one instant until before another', async () => {
    const source = { kind: 'intake', channel: 'zalo', account: uniqueName('oa') } as const;
    const hours = [1, 2, 3].map((hour) => `2026-11-22T0${hour}:00:00.000Z`);
    await write(...hours.map((at) => aLetter({ source, at })));
    const found = await listed(`account=${source.account}&from=${hours[1]}&to=${hours[2]}`);
    expect(found.map(({ at }) => at)).toEqual([hours[1]]);
    expect(await listed(`account=${source.account}&from=2026-11-22&to=2026-11-23`)).toHaveLength(3);
  });

  it('pages by cursor without losing or doubling one', async () => {
    const source = { kind: 'intake', channel: 'zalo', account: uniqueName('oa') } as const;
    const at = new Date().toISOString();
    const letters = Array.from({ length: 7 }, () => aLetter({ source, at }));
    await write(...letters);
    const seen: unknown[] = [];
    let cursor = '';
    do {
      const { body } = await service.get(
        `/api/v1/quarantine?account=${source.account}&limit=3${cursor === '' ? '' : `&cursor=${cursor}`}`,
        'admin',
      );
      seen.push(...(body.items as { id: string }[]).map(({ id }) => id));
      cursor = (body.nextCursor as string | undefined) ?? '';
    } while (cursor !== '');
    expect(seen).toEqual(letters.map(({ id }) => id).sort());
  });

  it.each([
    ['limit=1e9', 'validation_failed'],
    ['limit=0', 'validation_failed'],
    ['state=lost', 'validation_failed'],
    ['sort=at', 'validation_failed'],
    ["app=ticketing'%20or%20true--", 'validation_failed'],
    ['reason=%25', 'validation_failed'],
    ['app=a&app=b', 'validation_failed'],
    ['from=yesterday', 'validation_failed'],
    ['to=2026-02-31', 'validation_failed'],
    ['from=2026-01-01&from=2026-01-02', 'validation_failed'],
    ['cursor=eHh4', 'invalid_cursor'],
    [`cursor=${Buffer.from(`999999999999999.${randomUUID()}.ticketing`).toString('base64url')}0`, 'invalid_cursor'],
  ])('refuses %s', async (query, code) => {
    const { status, body } = await service.get(`/api/v1/quarantine?${query}`, 'admin');
    expect({ status, code: body.code }).toEqual({ status: 400, code });
  });

  it.each([
    [`${randomUUID()}/replay`, {}, 404, 'dead_letter_unknown'],
    [`${randomUUID()}/discard`, { because: 'why not' }, 404, 'dead_letter_unknown'],
    ['not-an-id/replay', {}, 400, undefined],
    ['replay', {}, 400, 'filter_required'],
    ['discard', { because: 'all of it' }, 400, 'filter_required'],
    ['discard', { app: 'ticketing' }, 400, 'validation_failed'],
    ['replay', { app: 'ticketing', everything: true }, 400, 'validation_failed'],
  ])('POST %s %j is %d', async (path, body, status, code) => {
    const answer = await post(path, body);
    expect(answer.status).toBe(status);
    if (code !== undefined) expect(answer.body.code).toBe(code);
  });

  it('is for administrators', async () => {
    const roles = ['agent', 'analyst', 'supervisor', 'admin'] as const;
    const statuses = await Promise.all(
      roles.map(async (role) => (await service.get('/api/v1/quarantine', role)).status),
    );
    expect(statuses).toEqual([403, 403, 403, 200]);
  });
});

it('every dead letter on the log that is a letter is on the list', async () => {
  const letter = aLetter({ app: 'phone-intake' });
  await write(letter);
  let found: DeadLetter | undefined;
  await readTopic(address(), {
    topic: topics.dead('phone-intake'),
    onRecord: ({ headers, bytes }) => {
      const read = decode(contracts.deadLetter, { headers, value: bytes });
      if (read.ok && read.data.id === letter.id) found = read.data;
    },
  });
  const { body } = await service.get(`/api/v1/quarantine/${letter.id}`, 'admin');
  const [item] = body.items as { headers: object; body: object }[];
  expect({ headers: item?.headers, body: item?.body }).toEqual({ headers: found?.headers, body: found?.body });
});
