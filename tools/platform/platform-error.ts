import { isNativeError } from 'node:util/types';

/** Something that the person at the keyboard can mend: its message is printed as it stands, without a stack. */
export class PlatformError extends Error {
  override readonly name = 'PlatformError';
}

export function errorCode(error: unknown): string | undefined {
  // Not `instanceof`: under a test runner the errors of Node itself belong to another realm.
  return isNativeError(error) && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Runs a program's main function: exit code 1 and a plain message for what the user can mend, a stack for what we must. */
export async function runMain(main: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await main();
  } catch (error) {
    console.error(error instanceof PlatformError ? `\n${error.message}` : error);
    process.exitCode = 1;
  }
}
