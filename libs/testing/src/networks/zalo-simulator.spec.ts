import { membersOf } from './members-of.js';
import { documentedZalo } from './zalo.documented.js';
import { ZaloSimulator } from './zalo-simulator.js';

const zalo = new ZaloSimulator({ appId: '1', oaSecretKey: 'secret', oaId: '2' });

describe('the Zalo simulator', () => {
  it.each([
    [documentedZalo.text, () => zalo.text('3', 'x')],
    [documentedZalo.image, () => zalo.image('3', 'https://f.zdn.vn/a.jpg', 'x')],
    [documentedZalo.echo, () => zalo.echo('3', 'x', '4')],
    [documentedZalo.received, () => zalo.arrived('3', 'x')],
    [documentedZalo.seen, () => zalo.seen('3', 'x', 'y')],
    [documentedZalo.seenInFact, () => zalo.seen('3', 'x')],
    [documentedZalo.call, () => zalo.call('3', 1000)],
  ])('sends what the documentation shows: $what', ({ payload }, send) => {
    expect(membersOf(JSON.parse(send().body.toString()))).toEqual(membersOf(payload));
  });
});
