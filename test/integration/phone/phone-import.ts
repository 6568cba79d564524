import { connect } from 'node:net';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import { contracts, type FeedbackReceived, type Role, topics } from '#contracts';
import { inWindows1258, waitFor } from '#testing';
import { ourNumber, type PhoneService, phoneService, signed } from './phone-service.js';

const header = 'Mã,Số gọi,Số nhận,Bắt đầu,Thời lượng,Kết quả,Nhân viên';
const row = (id: string, rest: Partial<Record<'from' | 'start' | 'seconds' | 'outcome' | 'agent', string>> = {}) => {
  const {
    from = '0162 234 5678',
    start = '20/11/2026 09:00:00',
    seconds = '65',
    outcome = 'ANSWERED',
    agent = 'Ánh',
  } = rest;
  return [id, from, ourNumber, start, seconds, outcome, agent].join(',');
};

type Line = Record<string, unknown>;

describe('a table of calls', () => {
  let service: PhoneService;
  let token: string;
  beforeAll(async () => {
    service = await phoneService();
    token = await service.token('supervisor');
    await mkdir(join(service.store, 'staging'), { recursive: true });
  });
  afterAll(() => service.close());

  const send = async (body: string | Buffer, options: { type?: string; account?: string; role?: Role } = {}) => {
    const { type = 'text/csv', account = service.ids.pbx, role } = options;
    return await fetch(`${service.url}/api/v1/calls/import?account=${account}`, {
      method: 'POST',
      body,
      headers: {
        'content-type': type,
        authorization: `Bearer ${role === undefined ? token : await service.token(role)}`,
      },
    });
  };
  const linesOf = async (answer: Response): Promise<Line[]> =>
    (await answer.text())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
  const eventsOf = async (ids: readonly unknown[]) =>
    await waitFor(async () => {
      const belongs = ({ id }: FeedbackReceived) => ids.includes(id);
      const events = await service.records(topics.feedbackReceived, contracts.feedbackReceived, belongs);
      return new Set(events.map(({ id }) => id)).size === new Set(ids).size ? events : undefined;
    });
  const staged = async () => await readdir(join(service.store, 'staging'));

  it('becomes an event for each of its calls, and a line of the answer for each row; sent again it is the same calls', async () => {
    const table = [
      header,
      row('r-1'),
      row('r-2', { outcome: 'NO ANSWER', seconds: '0' }),
      row('', { agent: '"a,""b"""' }),
    ].join('\n');
    const [first, again] = [await linesOf(await send(table)), await linesOf(await send(table))];
    expect(first).toEqual([
      { row: 2, result: 'accepted', id: expect.any(String) as unknown },
      { row: 3, result: 'accepted', id: expect.any(String) as unknown },
      { row: 4, result: 'accepted', id: expect.any(String) as unknown },
      {
        ...{ complete: true, rows: 3, accepted: 3, refused: 0, quarantined: 0, unavailable: 0 },
        ...{ charset: 'utf-8', delimiter: ',' },
      },
    ]);
    expect(again).toEqual(first);
    const ids = first.slice(0, 3).map(({ id }) => id);
    const events = await eventsOf(ids);
    const [one, missed, nameless] = ids.map((id) => events.find((event) => event.id === id));
    expect(one).toMatchObject({
      channel: 'phone',
      kind: 'call',
      account: service.ids.pbx,
      provider: { messageId: 'r-1', receivedVia: 'import' },
      author: { identity: { kind: 'phone', value: '+84322345678' }, verified: false },
      call: { startedAt: '2026-11-20T02:00:00.000Z', durationSeconds: 65, outcome: 'answered', agent: 'Ánh' },
    });
    expect([missed?.signals.flags, nameless?.call?.agent]).toEqual([['missed_call'], 'a,"b"']);
    expect(await staged()).toEqual([]);
  });

  it('keeps as the original of a call the first row and its own', async () => {
    const [{ id } = {}] = await linesOf(await send([header, row('raw-1'), row('raw-2')].join('\r\n')));
    const [event] = await eventsOf([id]);
    const bytes = Buffer.from(`${header}\n${row('raw-1')}\n`);
    expect(event?.raw).toMatchObject({ ref: `log:${String(id)}`, bytes: bytes.length });
  });

  it('and a webhook of the same call are one event', async () => {
    const call = {
      uuid: 'both-1',
      caller: '0322345678',
      callee: ourNumber,
      start: '2026-11-20T02:00:00Z',
      billsec: 65,
    };
    const body = JSON.stringify({ ...call, result: 'ANSWERED' });
    await fetch(`${service.url}/webhooks/pbx/${service.ids.pbx}`, { method: 'POST', body, headers: signed(body) });
    const [{ id } = {}] = await linesOf(await send([header, row('both-1')].join('\n')));
    await waitFor(async () => {
      const events = await eventsOf([id]);
      return new Set(events.map(({ provider }) => provider.receivedVia)).size === 2;
    });
  });

  it.each<[string, Buffer, string | undefined, string]>([
    ['UTF-8 with a mark', Buffer.from(`\ufeff${header}\n${row('c-1')}`), undefined, 'utf-8'],
    ['UTF-16', Buffer.from(`\ufeff${header}\n${row('c-2')}`, 'utf16le'), undefined, 'utf-16le'],
    ['UTF-16 without a mark', Buffer.from(`${header}\n${row('c-3')}`, 'utf16le'), undefined, 'utf-16le'],
    ['windows-1258', inWindows1258(`${header}\n${row('c-4')}`), undefined, 'windows-1258'],
    ['TCVN, stated', iconv.encode(`${header}\n${row('c-5')}`, 'tcvn'), 'tcvn3', 'tcvn3'],
  ])('in %s is read', async (_, bytes, charset, read) => {
    const lines = await linesOf(
      await send(bytes, charset === undefined ? {} : { type: `text/csv; charset=${charset}` }),
    );
    expect(lines.at(-1)).toMatchObject({ complete: true, accepted: 1, refused: 0, charset: read });
    const [event] = await eventsOf([lines[0]?.['id']]);
    expect(event?.call?.agent).toBe('Ánh');
  });

  it('whose rows are bad in every way has each of them reported with its line and code, and its good rows kept', async () => {
    const bad: [string, string][] = [
      [row('b-1', { outcome: 'EXPLODED' }), 'outcome_unknown'],
      [row('b-2', { start: '01/01/0001 00:00:00' }), 'time_invalid'],
      [row('b-3', { start: '01/01/2999 00:00:00' }), 'time_in_future'],
      [row('b-4', { seconds: '=1+1' }), 'duration_invalid'],
      [row('b-5', { from: '8.49E+10' }), 'number_damaged'],
      [row('b-6', { agent: 'N\u0000UL' }), 'nul_character'],
      [row('b-7', { agent: 'x'.repeat(1_000_000) }), 'line_too_long'],
      ['b-8,only two', 'columns_wrong'],
      [row('b-9').replaceAll(',', ';'), 'columns_wrong'],
      [row('b-10', { agent: '"never closed' }), 'quotes_wrong'],
    ];
    const table = [header, ...bad.flatMap(([line], index) => [line, row(`good-${index}`, { agent: '=cmd()' })])].join(
      '\n',
    );
    const lines = await linesOf(await send(table));
    expect(lines.filter(({ result }) => result === 'refused').map(({ row: at, code }) => [at, code])).toEqual(
      bad.map(([, code], index) => [2 + 2 * index, code]),
    );
    expect(lines.at(-1)).toMatchObject({ complete: true, rows: 20, accepted: 10, refused: 10 });
  });

  it.each<[string, () => Promise<Response>, number, string]>([
    [
      'nobody',
      () =>
        fetch(`${service.url}/api/v1/calls/import`, {
          method: 'POST',
          body: header,
          headers: { 'content-type': 'text/csv' },
        }),
      401,
      'token_missing',
    ],
    ['an agent', () => send(header, { role: 'agent' }), 403, 'forbidden'],
    ['an unknown account', () => send(header, { account: 'nobody' }), 422, 'unknown_account'],
    ['an account for messages', () => send(header, { account: service.ids.twilio }), 422, 'unknown_account'],
    ['a table with nothing in it', () => send('\n \r\n'), 422, 'table_empty'],
    ['a table without a first row', () => send(row('x')), 422, 'columns_missing'],
    ['a table without a column', () => send(header.replace('Mã,', '')), 422, 'columns_missing'],
    ['a first row of a megabyte', () => send('x'.repeat(1_000_000)), 422, 'table_empty'],
    ['an unknown charset', () => send(header, { type: 'text/csv; charset=klingon' }), 422, 'charset_unknown'],
    ['UTF-7', () => send(header, { type: 'text/csv; charset=utf-7' }), 422, 'charset_unknown'],
    ['a form', () => send(header, { type: 'application/x-www-form-urlencoded' }), 415, 'unsupported_media_type'],
    ['a picture', () => send(header, { type: 'image/png' }), 415, 'unsupported_media_type'],
    ['more than 64 MiB', () => send(Buffer.alloc(80 * 1024 * 1024, `${header}\n`)), 413, 'file_too_large'],
  ])('is refused as a whole: %s', async (_, attempt, status, code) => {
    const answer = await attempt();
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([status, code]);
    expect(await staged()).toEqual([]);
  });

  it('that is cut off on its way leaves nothing, whatever length it stated', async () => {
    const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
    const head = [`POST /api/v1/calls/import?account=${service.ids.pbx} HTTP/1.1`, 'host: x', 'content-type: text/csv'];
    socket.write(
      [...head, `authorization: Bearer ${token}`, 'content-length: 99999', '', `${header}\n${row('cut-1')}\n`].join(
        '\r\n',
      ),
    );
    await waitFor(async () => (await staged()).length > 0);
    socket.destroy();
    await waitFor(async () => (await staged()).length === 0);
    const cut = ({ provider }: FeedbackReceived) => provider.messageId === 'cut-1';
    expect(await service.records(topics.feedbackReceived, contracts.feedbackReceived, cut)).toEqual([]);
  });

  it('whose sender goes away while it is taken in leaves no file behind', async () => {
    const table = [header, ...Array.from({ length: 5_000 }, (_, index) => row(`gone-${index}`))].join('\n');
    const answer = await send(table);
    await answer.body?.cancel();
    await waitFor(async () => (await staged()).length === 0, { timeoutMs: 20_000 });
  });
});
