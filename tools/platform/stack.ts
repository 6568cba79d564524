import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Mailbox } from './green-mail.js';
import { Home } from './home.js';
import { errorCode } from './platform-error.js';

export interface Account {
  readonly email: string;
  readonly password: string;
}

/** stack.json: what runs, where, and how to sign in. Written when everything is ready, removed on stop. */
export interface Stack {
  readonly services: Readonly<Record<string, { readonly url: string; readonly pid: number }>>;
  readonly postgres: string;
  readonly kafka: readonly string[];
  readonly smtp: string;
  readonly imap: string;
  readonly pids: Readonly<Record<string, number>>;
  readonly mailboxes: Readonly<Record<string, Mailbox>>;
  readonly accounts: Readonly<Record<string, Account>>;
  readonly channels: readonly {
    readonly id: string;
    readonly channel: string;
    readonly address?: string;
    readonly webhook?: string;
  }[];
  readonly simulators: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const fileIn = (home: string) => join(home, 'stack.json');

/** Atomically: a reader sees the old file or the new one. Only its owner may read it, since it holds passwords. */
export async function writeStack(home: string, stack: Stack): Promise<void> {
  const next = `${fileIn(home)}.new`;
  await writeFile(next, `${JSON.stringify(stack, undefined, 2)}\n`, { mode: 0o600 });
  await rename(next, fileIn(home));
}

export async function removeStack(home: string): Promise<void> {
  await rm(fileIn(home), { force: true });
}

/** The platform that runs on this folder, or undefined: also when a killed one left its file behind. */
export async function readStack(home: string): Promise<Stack | undefined> {
  if (!(await Home.isTaken(home))) return undefined;
  try {
    return JSON.parse(await readFile(fileIn(home), 'utf8')) as Stack;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** What a provider signs with, and is asked with. */
export function secretsOf<Name extends string>(
  { secrets }: Pick<Stack, 'secrets'>,
  provider: string,
): Record<Name, string> {
  return { ...secrets[provider] } as Record<Name, string>;
}
