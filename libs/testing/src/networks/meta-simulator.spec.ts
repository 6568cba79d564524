import { membersOf } from './members-of.js';
import { documentedMeta } from './meta.documented.js';
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
});
