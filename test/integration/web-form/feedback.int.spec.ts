import { contracts, decode, formReference, partitionFor, topics } from '#contracts';
import { waitFor } from '#testing';
import { recordsOf, type ServiceUnderTest, startService } from './service-under-test.js';

interface Accepted {
  id: string;
  reference: string;
}

describe('a form post', () => {
  let service: ServiceUnderTest;
  const began = Date.now() - 1_000;
  beforeAll(async () => {
    service = await startService();
  });
  afterAll(() => service.close());

  const post = (body: unknown, headers: Record<string, string> = {}) =>
    service.app.inject({
      method: 'POST',
      url: '/api/v1/feedback',
      payload: typeof body === 'string' ? body : JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    });
  const keysInUse = async () =>
    (
      await service.database.database.query<{ n: string }>({
        name: 'n',
        text: 'select count(*) as n from idempotency_key',
      })
    )[0]?.n;

  it('lies on the log as event and original when it is answered', async () => {
    const body = `{"name":" Nguyễn Văn A ","email":"A@Example.VN","phone":"0912 345 678","message":"Mạng chậm\\r\\nquá","rating":4,"fields":{"district":"Q1"}}`;
    const answer = await post(body);
    expect(answer.statusCode).toBe(202);
    const { id, reference } = answer.json<Accepted>();
    expect(reference).toBe(formReference(id));

    const [event, ...others] = await recordsOf(topics.feedbackReceived, id, began);
    // A broker that takes its time gets it twice: straight and from the spool. Both are the same bytes.
    for (const other of others) expect(other.bytes).toEqual(event?.bytes);
    const decoded = decode(contracts.feedbackReceived, { headers: event?.headers ?? {}, value: event?.bytes ?? null });
    if (!decoded.ok) throw new Error(decoded.detail);
    const { receivedAt, conversationKey, provider, raw } = decoded.data;
    expect(decoded.data).toEqual({
      id,
      channel: 'web_form',
      kind: 'message',
      account: service.forms.plain,
      provider: { name: 'form', messageId: provider.messageId, receivedVia: 'push' },
      conversationKey,
      occurredAt: receivedAt,
      receivedAt,
      author: {
        verified: false,
        identity: { kind: 'email', value: 'a@example.vn' },
        displayName: 'Nguyễn Văn A',
        locale: 'vi',
      },
      recipients: [],
      thread: { references: [], hints: [] },
      text: 'Mạng chậm\nquá',
      language: 'vi',
      attachments: [],
      rating: { survey: 'form', answers: [{ item: 'overall', value: 4, scale: 5 }] },
      fields: { district: 'Q1', phone: '+84912345678' },
      signals: { autoReply: 'none', flags: [] },
      raw: { ref: `log:${id}`, sha256: raw.sha256, bytes: Buffer.byteLength(body) },
      reference,
    });
    expect(event?.timestamp).toBe(Date.parse(receivedAt));
    expect(event?.partition).toBe(partitionFor(conversationKey, 12));

    const [original] = await recordsOf(topics.feedbackRaw, id, began);
    expect(original?.bytes?.toString()).toBe(body);
    expect(original?.timestamp).toBe(Date.parse(receivedAt));
    expect(original?.headers['content-type']).toBe('application/json');
  });

  it('without an Idempotency-Key touches no database', async () => {
    const before = await keysInUse();
    const answers = [await post({ message: 'một' }), await post({ message: 'một' })];
    expect(new Set(answers.map((answer) => answer.json<Accepted>().id)).size).toBe(2);
    expect(await keysInUse()).toBe(before);
  });

  it('with a key is one event, however often and however much at once it comes', async () => {
    const headers = { 'idempotency-key': `many-${Date.now()}` };
    const answers = await Promise.all(Array.from({ length: 50 }, () => post({ message: 'một lần' }, headers)));
    expect(new Set(answers.map((answer) => answer.statusCode))).toEqual(new Set([202]));
    const ids = new Set(answers.map((answer) => answer.json<Accepted>().id));
    expect(ids.size).toBe(1);
    const [id = ''] = ids;
    await waitFor(async () => {
      const [row] = await service.database.database.query<{ accepted: boolean }>({
        name: 'accepted',
        text: 'select accepted from idempotency_key where key = $1',
        values: [headers['idempotency-key']],
      });
      return row?.accepted;
    });
    expect((await post({ message: 'một lần' }, headers)).json<Accepted>().id).toBe(id);
    const records = await recordsOf(topics.feedbackReceived, id, began);
    expect(new Set(records.map((record) => record.bytes?.toString())).size).toBe(1);
  });

  it('with a used key and another body is refused', async () => {
    const headers = { 'idempotency-key': `reused-${Date.now()}` };
    expect((await post({ message: 'a' }, headers)).statusCode).toBe(202);
    const answer = await post({ message: 'b' }, headers);
    expect(answer.statusCode).toBe(422);
    expect(answer.json()).toMatchObject({ code: 'idempotency_key_reused', errors: [{ field: 'Idempotency-Key' }] });
  });

  it('with the same key on another form is another event', async () => {
    const headers = { 'idempotency-key': `forms-${Date.now()}` };
    const rich = { form: service.forms.rich, message: 'x', consent: true, fields: { unit: 'THPT Lê Lợi', lines: 2 } };
    const first = await post({ message: 'x' }, headers);
    const second = await post(rich, headers);
    expect([first.statusCode, second.statusCode]).toEqual([202, 202]);
    expect(second.json<Accepted>().id).not.toBe(first.json<Accepted>().id);
    const [event] = await recordsOf(topics.feedbackReceived, second.json<Accepted>().id, began);
    expect(JSON.parse(String(event?.bytes))).toMatchObject({
      account: service.forms.rich,
      fields: { unit: 'THPT Lê Lợi', lines: 2, consent: true, consent_version: '2026-01' },
    });
  });
});
