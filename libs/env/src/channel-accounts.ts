import { readFile } from 'node:fs/promises';
import { isMap, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import { z } from 'zod';
import { SettingsError } from './settings.js';

const accountSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, { error: 'must be lower-case letters, digits, - and _' }),
  channel: z.string(),
  provider: z.string(),
  /** The address that customers write to: a mailbox, a number, a page; absent where the channel has none (forms). */
  address: z.string().optional(),
  credentials: z.record(z.string(), z.string()).default({}),
  options: z.record(z.string(), z.unknown()).default({}),
});

/** One of our mailboxes, numbers, pages or forms, as configured. The channel's own app checks `options`. */
export type ChannelAccount = z.output<typeof accountSchema>;

const fileSchema = z.strictObject({ accounts: z.array(accountSchema) });

/**
 * Reads the channel accounts. `${NAME}` in a value is replaced from the environment; secrets belong nowhere else.
 * @throws SettingsError naming the line of an unknown key, a wrong value, a missing variable or a double id.
 */
export async function loadChannelAccounts(
  path: string,
  source: Readonly<Record<string, string | undefined>> = process.env,
): Promise<ChannelAccount[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new SettingsError(`CHANNELS_FILE cannot be read: ${error.code ?? 'unknown error'} (${path})`);
  });
  return parseChannelAccounts(text, path, source);
}

/** As `loadChannelAccounts`, from text; `name` stands in errors. */
export function parseChannelAccounts(
  text: string,
  name: string,
  source: Readonly<Record<string, string | undefined>>,
): ChannelAccount[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const fail = (offset: number, problem: string): never => {
    throw new SettingsError(`${name}:${lines.linePos(offset).line}: ${problem}`);
  };
  const [broken] = document.errors;
  if (broken !== undefined) fail(broken.pos[0], broken.code);

  visit(document, {
    Scalar(_, node) {
      if (typeof node.value !== 'string') return;
      node.value = node.value.replace(/\$\{([A-Z][A-Z0-9_]*)\}/g, (_whole, key: string) => {
        return source[key] ?? fail(node.range?.[0] ?? 0, `the environment has no ${key}`);
      });
    },
  });

  const lineOf = (path: readonly PropertyKey[]): number => {
    for (let length = path.length; length > 0; length--) {
      const parent = document.getIn(path.slice(0, length - 1), true);
      const key = path[length - 1];
      if (isMap(parent)) {
        const pair = parent.items.find((item) => isScalar(item.key) && item.key.value === key);
        if (pair !== undefined && isScalar(pair.key)) return pair.key.range?.[0] ?? 0;
      }
      const node = document.getIn(path.slice(0, length), true) as { range?: [number, number, number] } | undefined;
      if (node?.range !== undefined) return node.range[0];
    }
    return 0;
  };
  const parsed = fileSchema.safeParse(document.toJS());
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    if (issue === undefined) throw parsed.error;
    if (issue.code === 'unrecognized_keys')
      fail(lineOf([...issue.path, ...issue.keys.slice(0, 1)]), `unknown key ${issue.keys.join(', ')}`);
    fail(lineOf(issue.path), `${issue.path.join('.')}: ${issue.message}`);
    throw parsed.error;
  }
  const seen = new Set<string>();
  for (const [index, account] of parsed.data.accounts.entries()) {
    if (seen.has(account.id)) fail(lineOf(['accounts', index, 'id']), `the id ${account.id} stands twice`);
    seen.add(account.id);
  }
  return parsed.data.accounts;
}

/**
 * Checks the `options` and `credentials` of one account against its channel's own schema.
 * @throws SettingsError naming the account and the key.
 */
export function accountOptions<Schema extends z.ZodType>(
  account: ChannelAccount,
  schema: Schema,
  part: 'options' | 'credentials' = 'options',
): z.output<Schema> {
  const parsed = schema.safeParse(account[part]);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => {
    const keys = issue.code === 'unrecognized_keys' ? `.${issue.keys.join(', ')}` : '';
    return `${part}.${issue.path.join('.')}${keys}: ${issue.code.replaceAll('_', ' ')}`;
  });
  throw new SettingsError(`channel account ${account.id}: ${problems.join('; ')}`);
}
