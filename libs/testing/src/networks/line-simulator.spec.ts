import { documentedLine } from './line.documented.js';
import { LineSimulator } from './line-simulator.js';
import { membersOf } from './members-of.js';

describe('the LINE simulator', () => {
  let line: LineSimulator;
  beforeAll(async () => {
    line = await LineSimulator.start({ channelSecret: 'test_secret', channelAccessToken: 'token' });
  });
  afterAll(() => line.close());

  it('sends what the SDK tests against: text', () => {
    const sent: unknown = JSON.parse(line.text('userid', 'message').body.toString());
    const [{ message, ...event }] = documentedLine.text.payload.events;
    const { emojis: _ofLine, ...plain } = message;
    const documented = { ...documentedLine.text.payload, events: [{ ...event, message: plain }] };
    expect(membersOf(sent)).toEqual(membersOf(documented));
  });

  it('sends what the documentation shows: a message taken back', () => {
    const sent: unknown = JSON.parse(line.unsend('userid', '325708').body.toString());
    expect(membersOf(sent)).toEqual(membersOf(documentedLine.unsend.payload));
  });

  it("signs as LINE's own SDK does", () => {
    // Source: github.com/line/line-bot-sdk-nodejs, its spec of validateSignature.
    expect(line.sign({ hello: 'world' }).headers['x-line-signature']).toBe(
      't7Hn4ZDHqs6e+wdvI5TyQIvzie0DmMUmuXEBqyyE/tM=',
    );
  });
});
