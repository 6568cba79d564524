import { membersOf } from './networks/members-of.js';
import { documentedTwilio } from './twilio.documented.js';
import { TwilioSimulator } from './twilio-simulator.js';

const twilio = new TwilioSimulator({ accountSid: 'AC0', authToken: '12345' });
const ends = { To: '+15005550006', From: '+14155552671' };

it.each([
  [documentedTwilio.incoming, () => twilio.incoming(ends)],
  [documentedTwilio.messageStatus, () => twilio.messageStatus({ sid: 'SM1', to: '+1', from: '+2' }, 'delivered')],
  [documentedTwilio.callStatus, () => twilio.callStatus({ ...ends, CallStatus: 'completed' })],
])('the Twilio simulator sends what the documentation lists: $what', ({ payload }, sent) => {
  expect(membersOf(sent())).toEqual(membersOf(payload));
});

it("signs as Twilio's own library does", () => {
  // Source: github.com/twilio/twilio-node, spec/validation.spec.js.
  const fields = {
    ...{ CallSid: 'CA1234567890ABCDE', Caller: '+14158675309', Digits: '1234' },
    ...{ From: '+14158675309', To: '+18005551212' },
  };
  const { headers } = twilio.sign('https://mycompany.com/myapp.php?foo=1&bar=2', fields);
  expect(headers['x-twilio-signature']).toBe('RSOYDt4T1cUTdK1PDd93/VVr8B8=');
});
