import { membersOf } from './members-of.js';
import { documentedMeta } from './meta.documented.js';
import { documentedMetaLists } from './meta-lists.documented.js';
import { MetaSimulator } from './meta-simulator.js';

const sent = { id: 'm_1', from: '1', to: '2', text: 'x', metadata: 'y' };

describe('the Meta simulator', () => {
  let meta: MetaSimulator;
  beforeAll(async () => {
    meta = await MetaSimulator.start({ appSecret: 'secret', accessToken: 'token' });
  });
  afterAll(() => meta.close());

  it.each([
    [documentedMeta.message, () => meta.messenger('1', '2', 'x')],
    [documentedMeta.delivery, () => meta.delivered('1', '2', 'x')],
    [documentedMeta.read, () => meta.read('1', '2')],
    [documentedMeta.comment, () => meta.comment('1', '2', 'x')],
    [documentedMeta.echo, () => meta.echoOf('1', sent)],
    [documentedMeta.whatsAppStatus, () => meta.whatsAppStatus('1', sent, 'delivered')],
    [documentedMeta.whatsApp, () => meta.whatsApp('1', '84900000001', 'x')],
  ])('sends what the documentation shows: $what', ({ payload }, update) => {
    const webhook: unknown = JSON.parse(meta.webhook(update()).body.toString());
    expect(membersOf(webhook)).toEqual(membersOf(payload));
  });

  interface List {
    readonly data: readonly { readonly id: string; readonly updated_time?: string; readonly messages?: object }[];
  }
  const conversationsOf = async (account: string, messages: string) => {
    const query = new URLSearchParams({ fields: `id,updated_time,${messages}`, limit: '10' });
    const headers = { authorization: 'Bearer token' };
    return (await (
      await fetch(`${meta.api}/${account}/conversations?${query.toString()}`, { headers })
    ).json()) as List;
  };

  it.each([
    ['30', documentedMetaLists.messenger, () => meta.messenger('30', '2', 'x')],
    ['17841400000000030', documentedMetaLists.instagram, () => meta.instagram('17841400000000030', '2', 'x')],
  ])('of %s lists messages as Graph has done: $what', async (account, { payload }, say) => {
    say();
    say();
    const [conversation] = (await conversationsOf(account, 'messages.limit(1){from}')).data;
    expect(membersOf(conversation?.messages)).toEqual(membersOf(payload.data[0].messages));
  });

  it.each([documentedMetaLists.conversations, documentedMetaLists.instagramConversations])(
    'lists conversations as Graph has done: $what',
    async ({ payload }) => {
      meta.messenger('40', '2', 'x');
      const [{ id, updated_time } = { id: '' }] = (await conversationsOf('40', 'messages.limit(1){from}')).data;
      const [{ id: listedId, updated_time: listedTime }] = payload.data;
      expect(membersOf({ id, updated_time })).toEqual(membersOf({ id: listedId, updated_time: listedTime }));
    },
  );

  it('names a next page behind the last message on Instagram, and it is empty', async () => {
    const account = '17841400000000050';
    meta.instagram(account, '2', 'x');
    const [conversation] = (await conversationsOf(account, 'messages.limit(20){from}')).data;
    const { paging } = conversation?.messages as { paging: { cursors: { after: string }; next: string } };
    expect(paging.next).toContain(paging.cursors.after);
    const query = new URLSearchParams({ fields: 'id', limit: '1', after: paging.cursors.after });
    const further = await fetch(`${meta.api}/${conversation?.id}/messages?${query.toString()}`, {
      headers: { authorization: 'Bearer token' },
    });
    expect(await further.json()).toEqual({ data: [] });
  });
});
