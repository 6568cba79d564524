/** What `npm test` starts for the integration tests; each throws when the tests run without it. */
function required(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '')
    throw new Error(`${name} is not set: integration tests run under "npm test"`);
  return value;
}

/** A superuser's address of the test server. */
export const testPostgresUrl = (): string => required('TEST_POSTGRES_URL');

/** `host:port` of each broker. */
export const testBrokers = (): string[] => required('TEST_KAFKA_BROKERS').split(',');

/** `smtp://host:port`; the server takes any sender and recipient. */
export const testSmtpUrl = (): string => mailUrl('smtp', required('TEST_SMTP_URL'));

/** `imap://host:port`; any address signs in with any password and gets an empty mailbox. */
export const testImapUrl = (): string => mailUrl('imap', required('TEST_IMAP_URL'));

function mailUrl(scheme: string, value: string): string {
  return value.includes('://') ? value : `${scheme}://${value}`;
}
