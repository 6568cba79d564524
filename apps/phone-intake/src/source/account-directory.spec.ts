import { AccountDirectory } from './account-directory.js';
import { phoneAccountsOf } from './accounts.js';

const account = (id: string, channel: string, address: string, options: object = {}, accountSid = 'AC1') => ({
  ...{ id, channel, address, provider: 'twilio', options: { ...options } },
  credentials: { accountSid, authToken: 'token' },
});
const accounts = phoneAccountsOf([
  account('named', 'sms', '+842363888001'),
  account('pool', 'sms', '+842363888002', { messagingServiceSid: 'MG1' }),
  account('number', 'sms', '+842363888003'),
  account('stranger', 'sms', '+842363888004', {}, 'AC2'),
  account('hotline', 'phone', '+842363888005'),
]);
const directory = new AccountDirectory(accounts);

it.each([
  ['by its messaging service first', 'MG1', '+842363888003', 'pool'],
  ['else by our number', 'MG-unknown', '+842363888003', 'number'],
  ['by our number without a service', '', '+842363888003', 'number'],
  ['by the address of the webhook for a pooled number that nobody configured', '', '+842363888999', 'named'],
  ['never as of another Twilio account', '', '+842363888004', 'named'],
  ['never as of an account for calls', '', '+842363888005', 'named'],
])('a message belongs to its account: %s', (_, service, to, owner) => {
  expect(directory.ownerOf(directory.require('named', 'twilio', 'sms'), service, to).id).toBe(owner);
});

it('calls that name no account belong to the only telephone, if there is one', () => {
  expect(directory.requireTelephone(undefined).id).toBe('hotline');
  const [, , , , hotline] = accounts;
  if (hotline === undefined) throw new Error('no account for calls');
  const two = new AccountDirectory([hotline, { ...hotline, id: 'second' }]);
  expect(two.requireTelephone('second').id).toBe('second');
  for (const id of [undefined, '', 'named']) expect(() => two.requireTelephone(id)).toThrow('no such telephone');
});

it.each([
  ['another provider for SMS', { channel: 'sms', provider: 'pbx' }],
  ['an option that does not exist', { options: { maxSegment: 3 } }],
  ['a provider without its secrets', { credentials: {} }],
])('%s is refused at the start, with the account named', (_, wrong) => {
  expect(() => phoneAccountsOf([{ ...account('sms', 'sms', '+842363888001'), ...wrong }])).toThrow('account sms');
});
