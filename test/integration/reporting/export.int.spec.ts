import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jest } from '@jest/globals';
import { aFeedback, waitFor } from '#testing';
import { ExportService } from '../../../apps/reporting/src/api/export.service.js';
import { ServiceUnderTest } from './service-under-test.js';

let service: ServiceUnderTest;
beforeAll(async () => {
  service = await ServiceUnderTest.start({ consuming: false });
  await service.app.listen(0, '127.0.0.1');
}, 60_000);
afterAll(() => service.close());

describe('the cells of an export', () => {
  const accounts = [
    '=1+1',
    '+84',
    '-1',
    '@SUM(A1)',
    '\tx',
    '\r=x',
    'a,b',
    'say "hi"',
    'two\nlines',
    '=c|"x",1',
    'ă\\b',
  ];
  const cells = [
    "'=1+1",
    "'+84",
    "'-1",
    "'@SUM(A1)",
    "'\tx",
    `"'\r=x"`,
    '"a,b"',
    '"say ""hi"""',
    '"two\nlines"',
    `"'=c|""x"",1"`,
    'ă\\b',
  ];
  const day = 'from=2026-09-01&to=2026-09-02&tz=Europe/Berlin&metrics=feedback_count';
  const events = accounts.map((account, minute) =>
    aFeedback({ account, occurredAt: new Date(Date.UTC(2026, 8, 1, 3, minute, 0, 7)).toISOString() }),
  );
  const localTime = (minute: number) => `2026-09-01T05:${String(minute).padStart(2, '0')}:00.007+02:00`;

  beforeAll(() => service.receive(events));

  it('are no formulas for a spreadsheet, whatever customers write', async () => {
    const { text } = await service.get(`/api/v1/reports/export?${day}`);
    const lines = cells.map(
      (cell, n) => `feedback_count,${localTime(n)},,,${events[n]?.id ?? ''},email,${cell},,,,,,,1,,\r\n`,
    );
    expect(text.slice(text.indexOf('\r\n') + 2)).toBe(lines.join(''));
  });

  it('are in lines of JSON what they were', async () => {
    const { text } = await service.get(`/api/v1/reports/export?format=ndjson&${day}`);
    const rows = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(rows.map(({ account, at, eventId }) => [account, at, eventId])).toEqual(
      events.map(({ account, id }, n) => [account, localTime(n), id]),
    );
  });
});

describe('a client', () => {
  const pages = 40;
  const rows = pages * 500;
  const year = '/api/v1/reports/export?metrics=feedback_count&from=2025-01-01&to=2026-01-01&tz=UTC';
  /** What the service has read for the request at hand, and whether it is through with it. */
  let taken: { chunks: number; ended: boolean };
  /** Left unread, it would keep the service from closing. */
  let answer: IncomingMessage;
  afterEach(() => answer.destroy());

  beforeAll(async () => {
    // Pages of 2 MB: a few of them fill the buffers of both sockets.
    await service.db.database.execute({
      name: '',
      text: `insert into feedback (event_id, at, channel, account, automatic, counted)
        select gen_random_uuid(), timestamptz '2025-06-01' + n * interval '1 second', 'email', repeat('x', 4000), false, true
        from generate_series(1, $1::int) n`,
      values: [rows],
    });
    const exports = service.app.get(ExportService);
    const stream = exports.stream.bind(exports);
    jest.spyOn(exports, 'stream').mockImplementation(async (...asked) => {
      taken = { chunks: 0, ended: false };
      return counted(await stream(...asked), taken);
    });
  }, 60_000);
  afterAll(() => jest.restoreAllMocks());

  async function* counted(chunks: AsyncIterable<string>, into: { chunks: number; ended: boolean }) {
    try {
      for await (const chunk of chunks) {
        into.chunks += 1;
        yield chunk;
      }
    } finally {
      into.ended = true;
    }
  }

  /** The answer, of which nothing is read until somebody does. */
  async function ask(): Promise<void> {
    const { port } = service.app.getHttpServer().address() as AddressInfo;
    const headers = { authorization: `Bearer ${await service.token('analyst')}` };
    [answer] = (await once(get({ port, path: year, headers }), 'response')) as [IncomingMessage];
  }

  async function untilNoMoreIsRead(): Promise<void> {
    let before = -1;
    const unchanged = () => {
      const same = taken.chunks === before;
      before = taken.chunks;
      return same;
    };
    await waitFor(unchanged, { everyMs: 500, describe: 'the export to rest' });
  }

  it('that stops reading stops the export, and gets every row when it reads on', async () => {
    await ask();
    await untilNoMoreIsRead();
    expect(taken.chunks).toBeLessThan(pages / 2);

    let lines = 0;
    for await (const chunk of answer) for (const byte of chunk as Buffer) if (byte === 10) lines += 1;

    expect(lines).toBe(1 + rows);
    expect(taken).toEqual({ chunks: 1 + pages, ended: true });
  }, 60_000);

  it('that goes away ends the export', async () => {
    await ask();

    answer.destroy();

    await waitFor(() => taken.ended, { describe: 'the end of the export' });
    expect(taken.chunks).toBeLessThan(pages / 2);
  }, 60_000);
});
