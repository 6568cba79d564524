import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { waitFor } from '#testing';
import { ApiUnderTest } from './api-under-test.js';
import { code } from './ticket-calls.js';
import {
  aPicture,
  bodyOf,
  boundary,
  multipartType,
  part,
  png,
  sendBody,
  sendFile,
  waitingFiles,
} from './upload-calls.js';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await ApiUnderTest.start();
  await api.app.listen(0, '127.0.0.1');
});
afterAll(() => api.close());

const uuid = /^[0-9a-f]{8}-/;
const staging = () => readdir(`${api.storeDir}/staging`);
const sha256Of = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const pad = Buffer.alloc(10 * 1024 * 1024);
describe('a file for an answer', () => {
  it('is kept under its hash and waits', async () => {
    const bytes = aPicture(1000);
    const { status, body } = await sendFile(api, bytes, { name: 'ảnh.png' });
    expect([status, body]).toEqual([
      201,
      {
        id: expect.stringMatching(uuid) as string,
        ...{ name: 'ảnh.png', contentType: 'image/png', size: bytes.length, sha256: sha256Of(bytes) },
        expiresAt: expect.any(String) as string,
      },
    ]);
    const hours = (Date.parse(String(body.expiresAt)) - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(23.9);
    expect(hours).toBeLessThanOrEqual(24);
    // Nobody reads what no ticket has.
    const read = await api.call({ url: `/api/v1/attachments/${String(body.sha256)}`, as: 'agent' });
    expect(code(read)).toEqual([404, 'attachment_unknown']);
  });

  it.each([
    ['with a path', '../../etc/passwd', 'passwd'],
    ['with a path of Windows', 'C:\\Users\\lan\\a.png', 'a.png'],
    ['of 10,000 characters', `${'a'.repeat(10_000)}.png`, `${'a'.repeat(196)}.png`],
    ['with NUL', 'a\u0000b.png', 'ab.png'],
    ['that is turned round', 'gpj.\u202egnp.exe', 'gpj. gnp.exe'],
    ['of dots alone', '..', 'file'],
    ['with quotes', 'a".png', 'a%22.png'],
  ])('is taken under a harmless name: %s', async (_, name, expected) => {
    const { status, body } = await sendFile(api, png, { name });
    expect([status, body.name]).toEqual([201, expected]);
  });

  it.each([
    ['a picture that is called text', png, 'text/plain', 'image/png'],
    ['a picture that is called a page', png, 'text/html', 'image/png'],
    ['a table', 'a;b\n1;2', 'text/csv', 'text/csv'],
  ])('is of the type that it is: %s', async (_, bytes, type, expected) => {
    expect((await sendFile(api, bytes, { type })).body.contentType).toBe(expected);
  });

  it.each<[string, Buffer | string, Readonly<Record<string, string>>, number, string]>([
    ['no body', '', multipartType, 400, 'invalid_multipart'],
    ['no part', bodyOf(), multipartType, 422, 'file_required'],
    ['an empty field of a form', bodyOf(part('', { name: '' })), multipartType, 422, 'file_required'],
    ['an empty file', bodyOf(part('', { type: 'text/plain', name: 'a.txt' })), multipartType, 422, 'file_empty'],
    ['two files', bodyOf(part(png), part(png)), multipartType, 422, 'too_many_files'],
    [
      'a thousand files',
      bodyOf(...Array.from({ length: 1000 }, () => part(png))),
      multipartType,
      422,
      'too_many_files',
    ],
    ['a file in another field', bodyOf(part(png, { field: 'cv' })), multipartType, 422, 'validation_failed'],
    ['a text beside it', bodyOf(textPart('note', 'x'), part(png)), multipartType, 422, 'validation_failed'],
    ['a text of 200 KB', bodyOf(textPart('note', 'x'.repeat(200_000))), multipartType, 413, 'field_too_large'],
    ['a file over the limit', bodyOf(part(Buffer.concat([png, pad]))), multipartType, 413, 'file_too_large'],
    ['much more than the limit', bodyOf(part(Buffer.concat([png, pad, pad]))), multipartType, 413, 'body_too_large'],
    [
      'a program named as a picture',
      bodyOf(part(`MZ${'\0'.repeat(200)}`)),
      multipartType,
      415,
      'file_type_not_allowed',
    ],
    ['HTML named as text', bodyOf(part('<html>', { type: 'text/plain' })), multipartType, 415, 'file_type_not_allowed'],
    ['an archive', bodyOf(part('PK\u0003\u0004', { type: 'text/plain' })), multipartType, 415, 'file_type_not_allowed'],
    ['a body that ends early', bodyOf(part(png)).subarray(0, -20), multipartType, 400, 'invalid_multipart'],
    [
      'another boundary',
      bodyOf(part(png)),
      { 'content-type': 'multipart/form-data; boundary=other' },
      400,
      'invalid_multipart',
    ],
    ['no boundary', bodyOf(part(png)), { 'content-type': 'multipart/form-data' }, 400, 'invalid_multipart'],
    ['JSON', '{}', { 'content-type': 'application/json' }, 415, 'unsupported_media_type'],
    ['the bytes alone', png, { 'content-type': 'image/png' }, 415, 'unsupported_media_type'],
    ['a form', 'files=x', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'unsupported_media_type'],
    ['no type at all', png, {}, 415, 'unsupported_media_type'],
  ])('is refused: %s', async (_, payload, headers, status, refusal) => {
    const before = await waitingFiles(api);
    expect(code((await sendBody(api, payload, { headers })) as never)).toEqual([status, refusal]);
    expect([await waitingFiles(api), await staging()]).toEqual([before, []]);
  });

  it('is not for everybody', async () => {
    expect(code((await sendFile(api, png, {}, { as: 'analyst' })) as never)).toEqual([403, 'forbidden']);
    const stranger = { method: 'POST', url: '/api/v1/attachments', headers: multipartType } as const;
    expect((await api.app.inject({ ...stranger, payload: bodyOf(part(png)) })).statusCode).toBe(401);
    for (const as of ['supervisor', 'admin'] as const) expect((await sendFile(api, png, {}, { as })).status).toBe(201);
    expect(await staging()).toEqual([]);
  });

  it('whose sender goes in the middle leaves nothing behind, and the next one is served', async () => {
    const before = await waitingFiles(api);
    const { port } = (api.app.getHttpServer() as { address(): { port: number } }).address();
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const half = Buffer.concat([part(png).subarray(0, -2), Buffer.alloc(200_000)]);
    socket.write(
      `POST /api/v1/attachments HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${await api.token('agent')}\r\n` +
        `Content-Type: multipart/form-data; boundary=${boundary}\r\nContent-Length: 1000000\r\n\r\n`,
    );
    socket.write(half);
    await waitFor(async () => (await staging()).length === 1);
    socket.destroy();
    await waitFor(async () => (await staging()).length === 0);
    expect(await waitingFiles(api)).toBe(before);
    expect((await sendFile(api, png)).status).toBe(201);
  });
});

it('at most 200 files of one account wait', async () => {
  await api.db.database.query({
    name: 'uploads_many',
    text: `INSERT INTO uploads SELECT gen_random_uuid(), id, '{}', now() FROM accounts, generate_series(1, 200) WHERE role = 'admin'`,
  });
  expect(code((await sendFile(api, png, {}, { as: 'admin' })) as never)).toEqual([429, 'too_many_uploads']);
  expect((await sendFile(api, png)).status).toBe(201);
});

function textPart(name: string, text: string): Buffer {
  return Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${text}\r\n`);
}
