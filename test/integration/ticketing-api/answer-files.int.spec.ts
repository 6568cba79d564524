import { createHash, randomUUID } from 'node:crypto';
import { aFeedback } from '#testing';
import { Housekeeping } from '../../../apps/ticketing/src/api/housekeeping.js';
import { ApiUnderTest } from './api-under-test.js';
import { handle, number as aNumber, said } from './network-messages.js';
import { code, ticketCalls } from './ticket-calls.js';
import { answered, aPicture, png, requestOf, uploaded, waitingFiles } from './upload-calls.js';

let api: ApiUnderTest;
let ticket: string;
beforeAll(async () => {
  api = await ApiUnderTest.start();
  ticket = await api.receive(aFeedback());
});
afterAll(() => api.close());

const { get } = ticketCalls(() => api);
const sha256Of = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const unknown = [422, 'upload_unknown'];
const fileCount = async (number: string) =>
  ((await get(number)).body.messages as { attachments: unknown[] }[]).reduce(
    (sum, { attachments }) => sum + attachments.length,
    0,
  );

describe('an answer', () => {
  it('carries its files to the intake, shows them on the ticket, and the agent can read them there', async () => {
    const number = await api.receive(aFeedback());
    const bytes = aPicture(500);
    const attachments = [
      await uploaded(api, bytes, { name: 'ảnh.png' }),
      await uploaded(api, 'ghi chú', { name: 'a.txt', type: 'text/plain' }),
    ];
    const { status, body } = await answered(api, number, { attachments });
    expect(status).toBe(202);
    const first = {
      sha256: sha256Of(bytes),
      name: 'ảnh.png',
      mediaType: 'image/png',
      detectedType: 'image/png',
      bytes: bytes.length,
      inline: false,
    };
    const note = Buffer.from('ghi chú');
    const second = {
      ...{ sha256: sha256Of(note), name: 'a.txt', mediaType: 'text/plain', detectedType: 'text/plain' },
      ...{ bytes: note.length, inline: false },
    };
    expect((await requestOf(api, body.id))?.attachments).toEqual([first, second]);
    const shown = ((await get(number)).body.messages as { id: string; attachments: unknown }[]).at(-1);
    expect(shown?.attachments).toEqual([first, second].map((file) => ({ ...file, scan: 'not_scanned' })));
    const read = await api.app.inject({
      url: `/api/v1/attachments/${first.sha256}`,
      headers: { authorization: `Bearer ${await api.token('agent')}` },
    });
    expect([read.statusCode, read.rawPayload.equals(bytes)]).toEqual([200, true]);
  });

  it('asked for again under its key is the same one, with its files once', async () => {
    const number = await api.receive(aFeedback());
    const attachments = [await uploaded(api)];
    const first = await answered(api, number, { attachments }, { key: 'again' });
    const second = await answered(api, number, { attachments }, { key: 'again' });
    expect([first.status, second.status, second.body]).toEqual([202, 202, first.body]);
    expect(await fileCount(number)).toBe(1);
    const other = await answered(api, number, { attachments: [await uploaded(api)] }, { key: 'again' });
    expect(code(other)).toEqual([422, 'idempotency_key_reused']);
  });

  it('gets no file that another one has taken', async () => {
    const attachments = [await uploaded(api)];
    expect((await answered(api, ticket, { attachments })).status).toBe(202);
    const again = await answered(api, ticket, { attachments });
    expect(code(again)).toEqual(unknown);
    expect(again.body.errors).toEqual([{ field: 'attachments.0', code: 'unknown', message: 'send it again' }]);
  });

  it('of ten side by side, on two tickets, with files in either order: one gets them', async () => {
    const numbers = [await api.receive(aFeedback()), await api.receive(aFeedback())];
    const ids = [await uploaded(api), await uploaded(api, 'x', { name: 'x.txt', type: 'text/plain' })];
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        answered(api, numbers[index % 2] ?? '', { attachments: index % 4 < 2 ? ids : ids.toReversed() }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([202, ...Array<number>(9).fill(422)]);
    expect((await fileCount(numbers[0] ?? '')) + (await fileCount(numbers[1] ?? ''))).toBe(2);
  });

  it("gets no file of a colleague's, whatever the role", async () => {
    const own = await uploaded(api);
    for (const as of ['supervisor', 'admin'] as const) {
      expect(code(await answered(api, ticket, { attachments: [own] }, { as }))).toEqual(unknown);
    }
    expect((await answered(api, ticket, { attachments: [own.toUpperCase()] })).status).toBe(202);
  });

  it('gets no file that has waited for more than a day; the next round of housekeeping removes it', async () => {
    const old = await uploaded(api);
    await api.db.database.query({
      name: 'upload_ages',
      text: `UPDATE uploads SET created_at = created_at - interval '24 hours' WHERE id = $1`,
      values: [old],
    });
    expect(code(await answered(api, ticket, { attachments: [old] }))).toEqual(unknown);
    const before = await waitingFiles(api);
    await api.app.get(Housekeeping).sweep();
    expect(await waitingFiles(api)).toBe(before - 1);
  });

  it.each<[string, () => Promise<unknown>, number, string]>([
    ['no id', async () => ['../../etc/passwd'], 400, 'validation_failed'],
    ['no list', async () => uploaded(api), 400, 'validation_failed'],
    ['one id twice', async () => Array<string>(2).fill(await uploaded(api)), 400, 'validation_failed'],
    ['101 ids', async () => Array.from({ length: 101 }, () => randomUUID()), 400, 'validation_failed'],
    ['11 ids', async () => Array.from({ length: 11 }, () => randomUUID()), 422, 'too_many_files'],
    ['an unknown id', async () => [randomUUID()], 422, 'upload_unknown'],
    ['a hash', async () => [sha256Of(png)], 400, 'validation_failed'],
    ['an object', async () => [{ sha256: sha256Of(png), name: 'x' }], 400, 'validation_failed'],
    [
      'one id in two writings',
      async () => {
        const id = await uploaded(api);
        return [id, id.toUpperCase()];
      },
      422,
      'upload_unknown',
    ],
  ])('is refused with %s', async (_, attachments, status, refusal) => {
    const { etag } = (await get(ticket)).headers;
    expect(code(await answered(api, ticket, { attachments: await attachments() }))).toEqual([status, refusal]);
    expect((await get(ticket)).headers.etag).toBe(etag);
  });

  it('one bad id among good ones takes none of them', async () => {
    const good = await uploaded(api);
    const bad = await answered(api, ticket, { attachments: [good, randomUUID()] });
    expect(bad.body).toMatchObject({ code: 'upload_unknown', errors: [{ field: 'attachments.1' }] });
    expect((await answered(api, ticket, { attachments: [good] })).status).toBe(202);
  });

  it.each([
    ['sms', 'files_not_taken', /public addresses/],
    ['line', 'files_not_taken', /LINE/],
    ['facebook_comment', 'files_not_taken', /comments/],
    ['zalo', 'file_type_not_taken', /Zalo takes no files of type text\/plain/],
    ['instagram', 'file_type_not_taken', /Instagram takes no files of type text\/plain/],
  ] as const)(
    'by %s is refused before it is stored, with the reason; by mail the same file goes',
    async (channel, refusal, why) => {
      const identity = channel === 'sms' ? aNumber() : handle(channel);
      const number = await api.receive(said(channel, identity));
      const attachments = [await uploaded(api, 'văn bản', { name: 'a.txt', type: 'text/plain' })];
      const refused = await answered(api, number, { attachments });
      expect(code(refused)).toEqual([422, refusal]);
      expect(refused.body.detail).toMatch(why);
      expect((await get(number)).body.messages).toHaveLength(1);
      expect((await answered(api, ticket, { attachments })).status).toBe(202);
    },
  );

  it.each(['telegram', 'messenger', 'zalo', 'instagram', 'whatsapp'] as const)(
    'by %s carries a picture',
    async (channel) => {
      const identity = channel === 'whatsapp' ? aNumber() : handle(channel);
      const number = await api.receive(said(channel, identity));
      const { status, body } = await answered(api, number, { attachments: [await uploaded(api)] });
      expect([status, (await requestOf(api, body.id))?.attachments.length]).toEqual([202, 1]);
    },
  );
});
