import { randomBytes, randomUUID } from 'node:crypto';
import type { ReplyRequested, Role } from '#contracts';
import type { Answer, ApiUnderTest } from './api-under-test.js';

export const boundary = 'Xy0cf3a4';
export const multipartType = { 'content-type': `multipart/form-data; boundary=${boundary}` };
/** As much of a picture as its type is known by. */
export const png = Buffer.from('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489', 'hex');

/** A picture of its own: `size` random bytes where its dots would be. */
export function aPicture(size: number): Buffer {
  const dots = randomBytes(size);
  const head = Buffer.alloc(8, 'IDATIDAT');
  head.writeUInt32BE(size);
  return Buffer.concat([png, head, dots, Buffer.alloc(4)]);
}

export interface NamedFile {
  readonly name?: string;
  readonly type?: string;
  readonly field?: string;
}

export function part(bytes: Buffer | string, { name = 'a.png', type = 'image/png', field = 'files' }: NamedFile = {}) {
  // As browsers write a quote; they leave the rest as it is.
  const quoted = name.replaceAll('"', '%22');
  const head = `Content-Disposition: form-data; name="${field}"; filename="${quoted}"\r\nContent-Type: ${type}\r\n\r\n`;
  return Buffer.concat([Buffer.from(`--${boundary}\r\n${head}`), Buffer.from(bytes), Buffer.from('\r\n')]);
}

export const bodyOf = (...parts: readonly Buffer[]) => Buffer.concat([...parts, Buffer.from(`--${boundary}--\r\n`)]);

export interface Sending {
  readonly as?: Role;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The route, with these bytes as they are. */
export async function sendBody(
  api: ApiUnderTest,
  payload: Buffer | string,
  { as = 'agent', headers = multipartType }: Sending = {},
): Promise<Pick<Answer, 'status' | 'body'>> {
  const authorization = `Bearer ${await api.token(as)}`;
  const request = { method: 'POST', url: '/api/v1/attachments', headers: { authorization, ...headers } } as const;
  const { statusCode: status, body } = await api.app.inject({ ...request, payload });
  return { status, body: JSON.parse(body) as Record<string, unknown> };
}

export const sendFile = (api: ApiUnderTest, bytes: Buffer | string, file: NamedFile = {}, sending: Sending = {}) =>
  sendBody(api, bodyOf(part(bytes, file)), sending);

/** The id of a file that waits for its answer. */
export async function uploaded(
  api: ApiUnderTest,
  bytes: Buffer | string = png,
  file: NamedFile = {},
  as: Role = 'agent',
) {
  const { status, body } = await sendFile(api, bytes, file, { as });
  if (status !== 201) throw new Error(`the file was not taken: ${status} ${String(body.code)}`);
  return String(body.id);
}

export const answered = (
  api: ApiUnderTest,
  number: string,
  body: Readonly<Record<string, unknown>>,
  { key = randomUUID(), as = 'agent' }: { readonly key?: string; readonly as?: Role } = {},
) =>
  api.call({
    method: 'POST',
    url: `/api/v1/tickets/${number}/replies`,
    as,
    body: { text: 'Xin xem tệp kèm.', ...body },
    headers: { 'idempotency-key': key },
  });

/** What the channel's intake is asked; undefined where nothing was. */
export async function requestOf(api: ApiUnderTest, replyId: unknown): Promise<ReplyRequested | undefined> {
  const [row] = await api.db.database.query<{ data: ReplyRequested }>({
    name: 'request_of_reply',
    text: `SELECT convert_from(value, 'utf8')::json AS data FROM outbox WHERE key = $1 AND topic LIKE 'reply.requested%'`,
    values: [replyId],
  });
  return row?.data;
}

/** How many files wait for an answer. */
export async function waitingFiles(api: ApiUnderTest): Promise<number> {
  const [row] = await api.db.database.query<{ count: string }>({
    name: 'uploads',
    text: 'SELECT count(*) FROM uploads',
  });
  return Number(row?.count);
}
