import { aFeedback } from '#testing';
import { ApiUnderTest } from './api-under-test.js';
import { code, ticketCalls } from './ticket-calls.js';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await ApiUnderTest.start();
});
afterAll(() => api.close());

type Body = Record<string, unknown>;
const { get, etagOf, patch, post, aTeam } = ticketCalls(() => api);

describe('merging', () => {
  it('keeps both histories, redirects the old number, and says so to whoever changes it', async () => {
    const [source, target] = [await api.receive(aFeedback()), await api.receive(aFeedback())];
    await post(source, 'notes', { text: 'của vé cũ' }, { 'idempotency-key': 'm' });
    const merged = await post(source, 'merge', { into: target });
    expect([merged.status, merged.body]).toEqual([200, { number: target }]);
    expect((await post(source, 'merge', { into: target })).status).toBe(200);
    const old = await get(source);
    expect([old.status, old.headers.location]).toEqual([308, `/api/v1/tickets/${target}`]);
    const ticket = (await get(target)).body;
    expect([(ticket.messages as Body[]).length, (ticket.notes as Body[]).length]).toEqual([2, 1]);
    const answer = await patch(source, { priority: 'low' }, { 'if-match': '"1"' });
    expect([...code(answer), answer.body.detail]).toEqual([409, 'ticket_merged', target]);
    expect(code(await post(source, 'replies', { text: 'x' }, { 'idempotency-key': 'z' }))).toEqual([
      409,
      'ticket_merged',
    ]);
    const listed = await api.call({ url: `/api/v1/tickets?q=${source}`, as: 'agent' });
    expect(listed.body.items).toEqual([]);
  });

  it('into itself, into nothing or into an unknown one is refused', async () => {
    const number = await api.receive(aFeedback());
    expect(code(await post(number, 'merge', { into: number }))).toEqual([422, 'same_ticket']);
    expect(code(await post(number, 'merge', { into: 'PH-999999' }))).toEqual([404, 'ticket_unknown']);
    expect(code(await post(number, 'merge', {}))).toEqual([400, 'validation_failed']);
  });

  it('of the same two tickets both ways at once ends with one of them', async () => {
    const [a, b] = [await api.receive(aFeedback()), await api.receive(aFeedback())];
    const answers = await Promise.all([post(a, 'merge', { into: b }), post(b, 'merge', { into: a })]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  });
});

describe("another team's ticket", () => {
  it('is not there for an agent, in lists or by number, until it is given to him or to his team', async () => {
    const number = await api.receive(aFeedback());
    const team = await aTeam(`Đội khác ${number}`);
    await patch(number, { team }, { 'if-match': await etagOf(number) });
    expect(code(await get(number, 'agent'))).toEqual([404, 'ticket_unknown']);
    expect((await api.call({ url: `/api/v1/tickets?q=${number}`, as: 'agent' })).body.items).toEqual([]);
    expect(code(await post(number, 'notes', { text: 'x' }, { 'idempotency-key': 'x' }))).toEqual([
      404,
      'ticket_unknown',
    ]);
    expect(code(await post(number, 'merge', { into: number }))).toEqual([404, 'ticket_unknown']);
    const me = await api.call({ url: '/api/v1/agents?active=true', as: 'agent' });
    const agent = (me.body.items as Body[]).find(({ name }) => name === 'Nguyễn Thị Hoa');
    await patch(number, { agent: agent?.id }, { 'if-match': await etagOf(number) });
    expect((await get(number, 'agent')).status).toBe(200);
    await patch(number, { agent: null }, { 'if-match': await etagOf(number) });
    await api.call({ method: 'PATCH', url: `/api/v1/teams/${team}`, as: 'supervisor', body: { agents: [agent?.id] } });
    expect((await get(number, 'agent')).status).toBe(200);
    await api.call({ method: 'PATCH', url: `/api/v1/teams/${team}`, as: 'supervisor', body: { agents: [] } });
    expect((await get(number, 'agent')).status).toBe(404);
  });

  it('may be handed over by an agent, who sees the result once and then no more', async () => {
    const number = await api.receive(aFeedback());
    const team = await aTeam(`Tiếp nhận ${number}`);
    const handed = await post(number, 'assign', { team });
    expect([handed.status, (handed.body.team as Body).id]).toEqual([200, team]);
    expect((await get(number, 'agent')).status).toBe(404);
  });
});

it('analysts read and change nothing', async () => {
  const number = await api.receive(aFeedback());
  const answer = await api.call({
    method: 'POST',
    url: `/api/v1/tickets/${number}/notes`,
    as: 'analyst',
    body: { text: 'x' },
    headers: { 'idempotency-key': 'x' },
  });
  expect(code(answer)).toEqual([403, 'forbidden']);
});
