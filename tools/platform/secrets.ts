import { randomBytes } from 'node:crypto';
import { chmod, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { newProviderSecrets } from './channels.js';
import { errorCode, PlatformError } from './platform-error.js';

const secretsSchema = z.object({
  databasePasswords: z.record(z.string(), z.string()),
  conversationSecret: z.string(),
  threadSecret: z.string(),
  mailboxPasswords: z.record(z.string(), z.string()),
  accountPasswords: z.record(z.string(), z.string()),
  channelSecrets: z.record(z.string(), z.string()),
  /** Of Twilio as this machine plays it. */
  twilio: z.object({ accountSid: z.string(), authToken: z.string() }),
});

const partialSchema = secretsSchema.partial();

/** Generated once per home folder; file mode 0600. */
export type Secrets = z.output<typeof secretsSchema>;

export interface SecretNames {
  readonly databaseRoles: readonly string[];
  readonly mailboxes: readonly string[];
  readonly accounts: readonly string[];
}

/** Reads the secrets of a home folder and adds what is missing: the first time all, later what a newer version needs. */
export async function loadSecrets(home: string, names: SecretNames): Promise<Secrets> {
  const path = join(home, 'secrets.json');
  const old = await read(path);
  const fresh = newProviderSecrets();
  const secrets: Secrets = {
    databasePasswords: fill(old?.databasePasswords, names.databaseRoles),
    conversationSecret: old?.conversationSecret ?? secret(),
    threadSecret: old?.threadSecret ?? secret(),
    mailboxPasswords: fill(old?.mailboxPasswords, names.mailboxes),
    accountPasswords: fill(old?.accountPasswords, names.accounts),
    channelSecrets: { ...fresh.channelSecrets, ...old?.channelSecrets },
    twilio: old?.twilio ?? fresh.twilio,
  };
  await writeFile(`${path}.new`, `${JSON.stringify(secrets, undefined, 2)}\n`, { mode: 0o600 });
  await chmod(`${path}.new`, 0o600);
  await rename(`${path}.new`, path);
  return secrets;
}

async function read(path: string): Promise<z.output<typeof partialSchema> | undefined> {
  try {
    return partialSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw new PlatformError(`${path} cannot be read: mend it, or remove the whole state folder to begin anew.`, {
      cause: error,
    });
  }
}

function fill(old: Readonly<Record<string, string>> | undefined, names: readonly string[]): Record<string, string> {
  return { ...Object.fromEntries(names.map((name) => [name, password()])), ...old };
}

const secret = () => randomBytes(36).toString('base64url');
/** Letters and digits only, so that it survives addresses, argument files and a human's eye. */
const password = () => randomBytes(12).toString('hex');
