import { randomUUID } from 'node:crypto';
import { aFeedback } from '#testing';
import { type Answer, accounts, ApiUnderTest, type Call } from './api-under-test.js';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await ApiUnderTest.start();
});
afterAll(() => api.close());

type Body = Record<string, unknown>;
const code = ({ status, body }: Answer) => [status, body.code];
const post = (path: string, body: unknown, as: Call['as'] = 'admin') =>
  api.call({ method: 'POST', url: `/api/v1/${path}`, as: as ?? 'admin', body });
const patch = (path: string, body: unknown, as: Call['as'] = 'admin') =>
  api.call({ method: 'PATCH', url: `/api/v1/${path}`, as: as ?? 'admin', body });
const get = (path: string, as: Call['as'] = 'admin') => api.call({ url: `/api/v1/${path}`, as: as ?? 'admin' });
const customerOf = async (number: string) => String(((await get(`tickets/${number}`)).body.customer as Body).id);
const author = (value: string) => ({ identity: { kind: 'email' as const, value }, displayName: value, verified: true });

describe('customers', () => {
  it('come with identities and tickets, and are found by name without diacritics once projected', async () => {
    const value = `${randomUUID()}@so-y-te.example`;
    const number = await api.receive(aFeedback({ author: { ...author(value), displayName: 'Đặng Thị Mỹ Lệ' } }));
    const id = await customerOf(number);
    const { body } = await get(`customers/${id}`, 'agent');
    expect(body).toMatchObject({
      id,
      name: 'Đặng Thị Mỹ Lệ',
      identities: [{ kind: 'email', value, verified: true }],
      tickets: [{ number, status: 'new', restricted: false, subject: 'Mất kết nối' }],
    });
    await api.projectSearch();
    for (const q of ['dang my le', 'Đặng', value]) {
      const found = (await get(`customers?q=${encodeURIComponent(q)}`)).body.items as Body[];
      expect(found.map((customer) => customer.id)).toContain(id);
    }
    const tickets = (await get(`tickets?q=${encodeURIComponent('dang thi my le')}`)).body.items as Body[];
    expect(tickets.map((ticket) => ticket.number)).toEqual([number]);
  });

  it('show an agent that other teams have tickets of theirs, not what about', async () => {
    const number = await api.receive(aFeedback({ author: author(`${randomUUID()}@x.example`) }));
    const { body: team } = await post('teams', { name: `Kín ${number}` });
    await post(`tickets/${number}/assign`, { team: team.id });
    const customer = (await get(`customers/${await customerOf(number)}`, 'agent')).body;
    expect(customer.tickets).toEqual([
      { number, status: 'new', channel: 'email', restricted: true, createdAt: expect.any(String) as string },
    ]);
  });

  it('can be added and changed; a new organization goes to open tickets as a fact', async () => {
    const { body: organization } = await post('organizations', { name: `UBND ${randomUUID()}`, segment: 'hành chính' });
    const value = `${randomUUID()}@ubnd.example`;
    const added = await post(
      'customers',
      { name: 'Văn thư', identities: [{ kind: 'email', value: value.toUpperCase() }] },
      'agent',
    );
    expect([added.status, (added.body.identities as Body[])[0]?.value]).toEqual([201, value]);
    const number = await api.receive(aFeedback({ author: author(value) }));
    expect(await customerOf(number)).toBe(added.body.id);
    const changed = await patch(`customers/${String(added.body.id)}`, { organization: organization.id }, 'agent');
    expect(changed.body).toMatchObject({ organization: { id: organization.id }, segment: 'hành chính' });
    const ticket = (await get(`tickets/${number}`)).body;
    expect(ticket).toMatchObject({ organization: { id: organization.id }, segment: 'hành chính' });
    expect((ticket.timeline as Body[]).at(-1)).toMatchObject({ type: 'customer_linked' });
    const taken = await post('customers', { name: 'Khác', identities: [{ kind: 'email', value }] });
    expect(code(taken)).toEqual([409, 'conflict']);
  });

  it('are merged with both their identities and tickets; the old id redirects; it is audited', async () => {
    const [one, two] = [`${randomUUID()}@a.example`, `${randomUUID()}@b.example`];
    const numbers = [
      await api.receive(aFeedback({ author: author(one) })),
      await api.receive(aFeedback({ author: author(two) })),
    ];
    const [source = '', target = ''] = await Promise.all(numbers.map(customerOf));
    const merged = await post(`customers/${source}/merge`, { into: target }, 'agent');
    expect(merged.status).toBe(200);
    expect((merged.body.identities as Body[]).map(({ value }) => value)).toEqual([one, two].sort());
    expect((merged.body.tickets as Body[]).map(({ number }) => number).sort()).toEqual([...numbers].sort());
    const old = await get(`customers/${source}`);
    expect([old.status, old.headers.location]).toEqual([308, `/api/v1/customers/${target}`]);
    expect((await post(`customers/${source}/merge`, { into: target })).status).toBe(200);
    expect(code(await post(`customers/${target}/merge`, { into: source }))).toEqual([409, 'customer_merged']);
    expect(code(await post(`customers/${target}/merge`, { into: target }))).toEqual([422, 'same_customer']);
    expect(code(await patch(`customers/${source}`, { name: 'x' }))).toEqual([409, 'customer_merged']);
    // Who writes from the old address is the merged customer.
    expect(await customerOf(await api.receive(aFeedback({ author: author(one) })))).toBe(target);
    const audit = await get(`audit?action=customers_merged&subject=customer:${source}`, 'supervisor');
    expect(audit.body.items).toEqual([
      {
        id: expect.any(String) as string,
        at: expect.any(String) as string,
        actor: { id: expect.any(String) as string, name: accounts.agent.name },
        action: 'customers_merged',
        subject: `customer:${source}`,
        detail: { into: target },
      },
    ]);
  });
});

describe('organizations', () => {
  it('are added, found without diacritics, changed and cleared', async () => {
    const name = `Trường THPT Lê Quý Đôn ${randomUUID()}`;
    const { body: added } = await post(
      'organizations',
      { name, district: 'Quận 1', domains: ['LQD.edu.vn'] },
      'supervisor',
    );
    expect(added).toMatchObject({ name, district: 'Quận 1', domains: ['lqd.edu.vn'] });
    const found = (await get(`organizations?q=${encodeURIComponent('le quy don')}`, 'agent')).body.items as Body[];
    expect(found.map(({ id }) => id)).toContain(added.id);
    const { body: changed } = await patch(`organizations/${String(added.id)}`, { district: null, type: 'trường học' });
    expect([changed.district, changed.type, changed.name]).toEqual([undefined, 'trường học', name]);
    expect(code(await post('organizations', { name }))).toEqual([409, 'conflict']);
    expect(code(await post('organizations', { name: 'x' }, 'agent'))).toEqual([403, 'forbidden']);
    expect(code(await patch(`organizations/${randomUUID()}`, { name: 'x' }))).toEqual([404, 'organization_unknown']);
  });
});

describe('agents', () => {
  const password = 'mat-khau-rat-dai';
  const anAgent = (more: object = {}) => ({ name: 'Vũ Minh', email: `${randomUUID()}@example.vn`, password, ...more });
  const signIn = ({ email }: { email: string }, secret = password) =>
    api.call({ method: 'POST', url: '/api/v1/auth/token', body: { email, password: secret } });

  it('are added by supervisors and can sign in; other roles are the admins to give', async () => {
    const agent = anAgent();
    const added = await post('agents', agent, 'supervisor');
    expect(added.body).toMatchObject({ name: 'Vũ Minh', email: agent.email, role: 'agent', teams: [], active: true });
    expect(JSON.stringify(added.body)).not.toMatch(/password|argon/);
    expect((await signIn(agent)).status).toBe(200);
    expect(code(await post('agents', anAgent({ role: 'admin' }), 'supervisor'))).toEqual([403, 'role_not_allowed']);
    expect((await post('agents', anAgent({ role: 'supervisor' }), 'admin')).status).toBe(201);
    expect(code(await post('agents', { ...anAgent(), email: agent.email }))).toEqual([409, 'conflict']);
    expect(code(await post('agents', anAgent({ password: 'short' })))).toEqual([400, 'validation_failed']);
    expect(code(await post('agents', anAgent(), 'agent'))).toEqual([403, 'forbidden']);
  });

  it('lose their sessions with their rights', async () => {
    const agent = anAgent();
    const { body: added } = await post('agents', agent);
    const { body: session } = await signIn(agent);
    await patch(`agents/${String(added.id)}`, { active: false }, 'supervisor');
    const refreshed = await api.call({
      method: 'POST',
      url: '/api/v1/auth/refresh',
      body: { refreshToken: session.refreshToken },
    });
    expect(code(refreshed)).toEqual([401, 'refresh_token_invalid']);
    expect(code(await signIn(agent))).toEqual([401, 'credentials_wrong']);
    const listed = await api.call({ url: '/api/v1/tickets', token: String(session.accessToken) });
    expect(code(listed)).toEqual([403, 'account_inactive']);
    await patch(`agents/${String(added.id)}`, { active: true, password: 'mot-mat-khau-khac' });
    expect((await signIn(agent, 'mot-mat-khau-khac')).status).toBe(200);
  });

  it('of another role cannot be changed by supervisors, and nobody takes away his own rights', async () => {
    const everybody = (await get('agents')).body.items as Body[];
    const [admin, supervisor] = ['admin', 'supervisor'].map((role) => everybody.find((agent) => agent.role === role));
    expect(code(await patch(`agents/${String(admin?.id)}`, { name: 'x' }, 'supervisor'))).toEqual([
      403,
      'role_not_allowed',
    ]);
    expect(code(await patch(`agents/${String(supervisor?.id)}`, { password }, 'supervisor'))).toEqual([
      403,
      'role_not_allowed',
    ]);
    expect(code(await patch(`agents/${String(admin?.id)}`, { role: 'agent' }))).toEqual([422, 'own_account']);
    expect(code(await patch(`agents/${String(admin?.id)}`, { active: false }))).toEqual([422, 'own_account']);
  });
});

describe('teams and categories', () => {
  it('page by name and can be retired', async () => {
    const names = ['a', 'b', 'c'].map((letter) => `zz-${letter}-${randomUUID()}`);
    const teams = await Promise.all(names.map((name) => post('teams', { name }, 'supervisor')));
    const seen: unknown[] = [];
    for (let cursor = ''; ; ) {
      const page = (await get(`teams?limit=2&active=true${cursor === '' ? '' : `&cursor=${cursor}`}`, 'analyst')).body;
      seen.push(...(page.items as Body[]).map(({ name }) => name));
      if (page.nextCursor === undefined) break;
      cursor = page.nextCursor as string;
    }
    expect(seen.filter((name) => names.includes(String(name)))).toEqual(names);
    const id = String(teams[0]?.body.id);
    expect((await patch(`teams/${id}`, { active: false })).body.active).toBe(false);
    expect(code(await post('teams', { name: names[1] }))).toEqual([409, 'conflict']);
    expect(code(await post('teams', { name: 'x', agents: [randomUUID()] }))).toEqual([422, 'agents_unknown']);
    const number = await api.receive(aFeedback());
    expect(code(await post(`tickets/${number}/assign`, { team: id }))).toEqual([422, 'team_unknown']);
  });

  it('categories have parents, but not themselves', async () => {
    const { body: parent } = await post('categories', { name: `Mạng ${randomUUID()}` });
    const { body: child } = await post('categories', { name: `Cáp ${randomUUID()}`, parent: parent.id });
    expect(child.parent).toBe(parent.id);
    expect(code(await patch(`categories/${String(child.id)}`, { parent: child.id }))).toEqual([422, 'own_parent']);
    expect((await patch(`categories/${String(child.id)}`, { parent: null })).body.parent).toBeUndefined();
    expect(code(await post('categories', { name: 'x', parent: randomUUID() }))).toEqual([422, 'categories_unknown']);
  });
});
