import { type Channel, channels } from '#contracts';
import { type ChannelAccount, SettingsError } from '#env';
import type { SocialMessage } from '../normalize/reading.js';
import type { Network, NetworkOf, NetworkParts } from './network.js';
import { networks } from './networks.js';

/** One of our pages, numbers, bots or Official Accounts. */
export interface SocialAccount {
  readonly id: string;
  readonly channel: Channel;
  readonly address: string | undefined;
  readonly network: Network;
}

/** The configured accounts of all networks. */
export class AccountDirectory {
  readonly accounts: readonly SocialAccount[];

  /** @throws SettingsError when an account of a network has a wrong channel, credential or option. */
  constructor(accounts: readonly ChannelAccount[], parts: NetworkParts) {
    this.accounts = accounts.flatMap((account) => {
      const networkOf: NetworkOf | undefined = Object.entries(networks).find(
        ([provider]) => provider === account.provider,
      )?.[1];
      return networkOf === undefined ? [] : [{ ...socialAccount(account), network: networkOf(account, parts) }];
    });
  }

  /** Whom a webhook's address names. */
  find(provider: string, id: string): SocialAccount | undefined {
    return this.accounts.find((account) => account.network.name === provider && account.id === id);
  }

  /** The account of a dead letter, whatever its network. */
  byId(id: string): SocialAccount | undefined {
    return this.accounts.find((account) => account.id === id);
  }

  /** To which account a message of a webhook came: one app's webhooks may carry several channels and addresses. */
  receiverOf(message: SocialMessage, webhook: SocialAccount): SocialAccount | undefined {
    const takes = (account: SocialAccount) =>
      account.channel === message.channel &&
      (message.address === undefined || account.address === undefined || account.address === message.address);
    if (takes(webhook)) return webhook;
    return this.accounts.find((account) => account.network.signer === webhook.network.signer && takes(account));
  }
}

function socialAccount(account: ChannelAccount): Omit<SocialAccount, 'network'> {
  const channel = channels.find((name) => name === account.channel);
  if (channel === undefined) throw new SettingsError(`channel account ${account.id}: unknown channel`);
  return {
    id: account.id,
    channel,
    address: account.address,
  };
}
