import { z } from 'zod';
import { accountOptions, parseChannelAccounts } from './channel-accounts.js';

const parse = (text: string, env = {}) => parseChannelAccounts(text, 'channels.yaml', env);
const mailbox = `accounts:
  - id: support
    channel: email
    provider: imap
    address: support@example.vn
    credentials:
      user: support
      password: \${SUPPORT_PASSWORD}
`;

describe('channel accounts', () => {
  it('are read, with secrets from the environment', () => {
    expect(parse(mailbox, { SUPPORT_PASSWORD: 's3cret' })).toEqual([
      {
        id: 'support',
        channel: 'email',
        provider: 'imap',
        address: 'support@example.vn',
        credentials: { user: 'support', password: 's3cret' },
        options: {},
      },
    ]);
  });

  it.each([
    ['a missing variable', mailbox, 'channels.yaml:8: the environment has no SUPPORT_PASSWORD'],
    ['an unknown key', mailbox.replace('address:', 'adress:'), 'channels.yaml:5: unknown key adress'],
    [
      'a double id',
      `${mailbox}  - id: support\n    channel: email\n    provider: imap\n`,
      'channels.yaml:9: the id support stands twice',
    ],
    [
      'a wrong id',
      mailbox.replace('id: support', 'id: Sup Port'),
      'channels.yaml:2: accounts.0.id: must be lower-case',
    ],
    ['broken YAML', 'accounts: [', 'channels.yaml:1:'],
  ])('name the line of %s', (_, text, message) => {
    const env = text === mailbox ? {} : { SUPPORT_PASSWORD: 'x' };
    expect(() => parse(text, env)).toThrow(message);
  });

  it('name the account and the key of a wrong option', () => {
    const [account] = parse(mailbox, { SUPPORT_PASSWORD: 'x' });
    if (account === undefined) throw new Error('no account');
    expect(() => accountOptions({ ...account, options: { tsl: true } }, z.strictObject({}))).toThrow(
      'channel account support: options..tsl: unrecognized keys',
    );
  });
});
