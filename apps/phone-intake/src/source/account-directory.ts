import { Problem } from '#http';
import type { GatewayAccount, PbxAccount, PhoneAccount, TelephoneAccount, TwilioAccount } from './accounts.js';

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

  /**
   * The account of calls that somebody hands in: the one that is named, or the only one that can be meant.
   * @throws Problem 422 `unknown_account`
   */
  requireTelephone(id: string | undefined): TelephoneAccount {
    const telephones = this.accounts.filter((account): account is TelephoneAccount => account.channel === 'phone');
    const [only, other] = telephones;
    const account = id === undefined ? only : telephones.find((telephone) => telephone.id === id);
    if (account !== undefined && (id !== undefined || other === undefined)) return account;
    throw new Problem(422, 'unknown_account', 'There is no such telephone account', {
      errors: [{ field: 'account', code: 'unknown_account', message: 'Name a configured telephone account' }],
    });
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
