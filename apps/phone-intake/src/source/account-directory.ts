import { Problem } from '#http';
import type { GatewayAccount, PbxAccount, PhoneAccount, TwilioAccount } from './accounts.js';

interface Wanted {
  readonly twilio: TwilioAccount;
  readonly gateway: GatewayAccount;
  readonly pbx: PbxAccount;
}

/** Finds the account that a route names. */
export class AccountDirectory {
  constructor(private readonly accounts: readonly PhoneAccount[]) {}

  find(id: string): PhoneAccount | undefined {
    return this.accounts.find((account) => account.id === id);
  }

  /** The account of calls that name none, where only one can be meant. */
  onlyTelephone(): PhoneAccount | undefined {
    const telephones = this.accounts.filter(({ channel }) => channel === 'phone');
    return telephones.length === 1 ? telephones[0] : undefined;
  }

  /** @throws Problem 404 `unknown_account` */
  require<Provider extends keyof Wanted>(id: string, provider: Provider, channel: 'sms' | 'phone'): Wanted[Provider] {
    const account = this.find(id);
    if (account?.provider !== provider || account.channel !== channel)
      throw new Problem(404, 'unknown_account', 'There is no such account');
    return account as Wanted[Provider];
  }

  /**
   * The account whose message it is: by messaging service, then by Twilio account and our number; numbers of a pool that nobody
   * configured belong to the account that the address names.
   */
  ownerOf(named: TwilioAccount, service: string, to: string | undefined): TwilioAccount {
    const siblings = this.accounts.filter(
      (account): account is TwilioAccount =>
        account.provider === 'twilio' &&
        account.channel === 'sms' &&
        account.credentials.accountSid === named.credentials.accountSid,
    );
    return (
      (service === '' ? undefined : siblings.find(({ options }) => options.messagingServiceSid === service)) ??
      siblings.find(({ number }) => number === to) ??
      named
    );
  }
}
