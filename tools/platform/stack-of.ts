import { type Addresses, type ServiceName, serviceNames } from './addresses.js';
import { providerSecrets, socialChannels, telephoneChannels } from './channels.js';
import type { Surroundings } from './services.js';
import type { Stack } from './stack.js';

export interface Running {
  readonly around: Surroundings;
  readonly servicePids: Readonly<Partial<Record<ServiceName, number>>>;
  readonly pids: Stack['pids'];
  readonly simulators: Stack['simulators'];
}

/** stack.json of what runs. */
export function stackOf({ around, servicePids, pids, simulators }: Running): Stack {
  const { addresses, secrets, mailboxes, accounts, brokers } = around;
  const url = (name: ServiceName) => serviceUrl(addresses, name);
  const signIns = Object.entries(accounts).map(([role, { email, password }]) => [role, { email, password }]);
  const running = serviceNames.map((name) => [name, { url: url(name), pid: servicePids[name] ?? 0 }]);
  return {
    services: Object.fromEntries(running) as Stack['services'],
    postgres: adminUrl(addresses, secrets.databasePasswords['postgres'] ?? '', 'phanhoi'),
    kafka: brokers,
    smtp: `smtp://127.0.0.1:${addresses.smtp}`,
    imap: `imap://127.0.0.1:${addresses.imap}`,
    pids,
    mailboxes,
    accounts: Object.fromEntries(signIns) as Stack['accounts'],
    channels: [
      { id: 'support', channel: 'email', address: mailboxes.support.address },
      { id: 'default', channel: 'web_form' },
      ...socialChannels(url('social-intake'), secrets.channelSecrets),
      ...telephoneChannels(url('phone-intake')),
    ],
    simulators,
    secrets: providerSecrets(secrets),
  };
}

export function serviceUrl(addresses: Addresses, name: ServiceName): string {
  return `http://127.0.0.1:${addresses.services[name]}`;
}

export function adminUrl({ postgres }: Addresses, password: string, database = 'postgres'): string {
  return `postgres://postgres:${password}@127.0.0.1:${postgres}/${database}`;
}
