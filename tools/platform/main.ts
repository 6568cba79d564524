// `npm start`: the whole platform on this machine until Ctrl-C.
import { receivedPath } from '#testing';
import { Home } from './home.js';
import { runMain } from './platform-error.js';
import type { Stack } from './stack.js';
import { platformOptions, startPlatform } from './start.js';

await runMain(async () => {
  const started = Date.now();
  const say = (line: string) => console.log(line);
  const stopping = new Promise<string>((stop) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop(signal));
  });
  const starting = startPlatform(platformOptions(process.env, say));
  // A start takes a while: a signal in the middle of it must not leave half a platform behind.
  const first = await Promise.race([starting, stopping]);
  if (typeof first !== 'string') {
    console.log(table(first.stack, Home.at(process.env)));
    console.log(`ready after ${((Date.now() - started) / 1_000).toFixed(1)} s; Ctrl-C stops everything`);
    await stopping;
  }
  console.log('stopping');
  await (await starting).stop();
  console.log('stopped');
  return 0;
});

function table(stack: Stack, home: string): string {
  const form = `${stack.services['web-form-intake']?.url}/forms/default`;
  const rows: [string, string][] = [
    ...Object.entries(stack.services).map(([name, { url }]): [string, string] => [
      name,
      `${url}   (documents: ${url}/docs)`,
    ]),
    ['web form', form],
    ['mail in', `${stack.smtp}, to ${stack.mailboxes['support']?.address}`],
    ['mailboxes', `${stack.imap}`],
    ...Object.entries(stack.mailboxes).map(([name, box]): [string, string] => [
      `  ${name}`,
      `${box.user}  ${box.password}`,
    ]),
    ['sign-ins', `POST ${stack.services['ticketing']?.url}/api/v1/auth/token`],
    ...Object.entries(stack.accounts).map(([role, { email, password }]): [string, string] => [
      `  ${role}`,
      `${email}  ${password}`,
    ]),
    ...Object.entries(stack.simulators).map(([name, url]): [string, string] => [
      name,
      `${url}   (played here; what customers got: ${url}${receivedPath})`,
    ]),
    ['PostgreSQL', stack.postgres],
    ['Kafka', stack.kafka.join(', ')],
    ['state, logs', home],
  ];
  return `\n${rows.map(([name, value]) => `${name.padEnd(18)}${value}`).join('\n')}\n`;
}
