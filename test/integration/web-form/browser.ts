import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const executablePath = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => path !== undefined && existsSync(path));

/** `describe` where a Chromium is installed, else a skipped suite that says so in the report. */
export const describeInBrowser = (name: string, body: () => void): void =>
  executablePath === undefined
    ? describe.skip(`${name} (skipped: no Chromium found, set CHROMIUM)`, body)
    : describe(name, body);

export async function launchBrowser(): Promise<Browser> {
  return await chromium.launch({
    executablePath: executablePath ?? '',
    // The page under test is served by the test itself, and posts to 127.0.0.1.
    args: ['--no-sandbox', '--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests'],
  });
}
