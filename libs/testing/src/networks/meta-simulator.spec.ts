import { membersOf } from './members-of.js';
import { documentedMeta } from './meta.documented.js';
import { MetaSimulator } from './meta-simulator.js';

describe('the Meta simulator', () => {
  let meta: MetaSimulator;
  beforeAll(async () => {
    meta = await MetaSimulator.start({ appSecret: 'secret', accessToken: 'token' });
  });
  afterAll(() => meta.close());

  it.each([
    [documentedMeta.message, () => meta.messenger('1', '2', 'x')],
    [documentedMeta.comment, () => meta.comment('1', '2', 'x')],
    [documentedMeta.whatsApp, () => meta.whatsApp('1', '84900000001', 'x')],
  ])('sends what the documentation shows: $what', ({ payload }, update) => {
    const sent: unknown = JSON.parse(meta.webhook(update()).body.toString());
    expect(membersOf(sent)).toEqual(membersOf(payload));
  });
});
