import type { TwilioAccount } from '../accounts.js';

/** The account's part of Twilio's REST interface; without a slash at its end. */
export function apiOf({ credentials, options }: TwilioAccount): string {
  return `${options.apiUrl}/2010-04-01/Accounts/${encodeURIComponent(credentials.accountSid)}`;
}

export function authorizationOf({ credentials }: TwilioAccount): { readonly authorization: string } {
  const { accountSid, authToken } = credentials;
  return { authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}` };
}
