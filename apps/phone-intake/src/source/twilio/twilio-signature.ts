import { validateRequest, validateRequestWithBody } from 'twilio/lib/webhooks/webhooks.js';
import type { TwilioAccount } from '../accounts.js';

/** Parameters of a form body; a name that comes twice has all its values, as Twilio's validator wants them. */
export function formParameters(bytes: Buffer): Record<string, string | string[]> {
  const parameters = Object.create(null) as Record<string, string | string[]>;
  for (const [name, value] of new URLSearchParams(bytes.toString())) {
    const before = parameters[name];
    parameters[name] = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value];
  }
  return parameters;
}

/**
 * `X-Twilio-Signature` by Twilio's own validator, which accepts the URL with and without port and its legacy encoding.
 * @param url as configured with Twilio: our public address and the path and query as they came.
 */
export function isSignedByTwilio(account: TwilioAccount, url: string, bytes: Buffer, header: unknown): boolean {
  if (typeof header !== 'string' || header === '') return false;
  const { authToken, previousAuthToken } = account.credentials;
  const tokens = previousAuthToken === undefined ? [authToken] : [authToken, previousAuthToken];
  return tokens.some((token) =>
    url.includes('bodySHA256=')
      ? validateRequestWithBody(token, header, url, bytes.toString())
      : validateRequest(token, header, url, formParameters(bytes)),
  );
}
