import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { PlatformError } from '../platform/platform-error.js';
import type { Filter } from './quarantine.js';

export const usage = `npm run quarantine -- list    [filters] [--all] [--json]        dead letters that wait (--all: and what became of the others)
npm run quarantine -- show    <id> [--json | --bytes]         one of them with its headers and bytes
npm run quarantine -- replay  <id>… | filters [--dry-run]     back to where it came from; twice is harmless
npm run quarantine -- discard <id>… | filters [--because …]   settled without an effect
filters: --app ticketing --reason schema_violation --topic feedback.received.v1 --channel email; an id may be shortened
It talks to the platform of PHANHOI_HOME, or to KAFKA_BROKERS (and STORE_DIR for large bytes).`;

export const commands = ['list', 'show', 'replay', 'discard'] as const;

export interface CommandLine {
  readonly command: (typeof commands)[number];
  readonly filter: Filter;
  readonly json: boolean;
  readonly bytes: boolean;
  readonly dryRun: boolean;
  readonly by: string;
  readonly because?: string;
}

/** @throws PlatformError with the usage when the words make no sense. */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const { values, positionals } = parse(args);
  const [word, ...ids] = positionals;
  const command = commands.find((name) => name === word);
  if (command === undefined) throw new PlatformError(usage);
  const { app, reason, topic, channel, because } = values;
  const hasFilter = [app, reason, topic, channel].some((value) => value !== undefined);
  if (command === 'show' && ids.length !== 1) throw new PlatformError(`show takes one id.\n${usage}`);
  if (command !== 'list' && command !== 'show' && ids.length === 0 && !hasFilter) {
    throw new PlatformError(`${command} needs ids or a filter: everything at once is hardly ever meant.\n${usage}`);
  }
  return {
    command,
    filter: {
      ids,
      withResolved: command === 'show' || values.all,
      ...(app !== undefined && { app }),
      ...(reason !== undefined && { reason }),
      ...(topic !== undefined && { topic }),
      ...(channel !== undefined && { channel }),
    },
    json: values.json,
    bytes: values.bytes,
    dryRun: values['dry-run'],
    by: values.by ?? userInfo().username,
    ...(because !== undefined && { because }),
  };
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        ...{ app: text, reason: text, topic: text, channel: text, by: text, because: text },
        ...{ all: flag, json: flag, bytes: flag, 'dry-run': flag },
      },
    });
  } catch (cause) {
    throw new PlatformError(`${cause instanceof Error ? cause.message : String(cause)}\n${usage}`, { cause });
  }
}
