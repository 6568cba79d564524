import type { Item } from './quarantine.js';

const previewBytes = 2_000;

export function table(items: readonly Item[]): string {
  if (items.length === 0) return 'The quarantine is empty.';
  const rows = items.map(({ letter, resolved }) => [
    letter.id.slice(0, 8),
    letter.at,
    letter.app,
    letter.reason,
    letter.step,
    sourceOf({ letter }),
    resolved?.resolution ?? 'waits',
    letter.detail?.slice(0, 80) ?? '',
  ]);
  const all = [['id', 'at', 'app', 'reason', 'step', 'source', 'state', 'detail'], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  const lines = all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [...lines, `${items.length} dead letters`].join('\n');
}

export function details({ letter, resolved }: Item): string {
  const { body } = letter;
  const facts: [string, string][] = [
    ['id', letter.id],
    ['app', letter.app],
    ['at', letter.at],
    ['reason', letter.reason],
    ['step', letter.step],
    ['detail', letter.detail ?? ''],
    ['source', sourceOf({ letter })],
    ['key', letter.key ?? '(none)'],
    ...Object.entries(letter.headers).map(([name, value]): [string, string] => [`  ${name}`, value]),
    [
      'bytes',
      body === null ? '(none)' : `${body.bytes}, sha256 ${body.sha256}${body.ref === undefined ? '' : `, ${body.ref}`}`,
    ],
    [
      'state',
      resolved === undefined
        ? 'waits'
        : `${resolved.resolution} by ${resolved.by} at ${resolved.at} ${resolved.reason ?? ''}`,
    ],
  ];
  const preview =
    body?.base64 === undefined ? '' : `\n${Buffer.from(body.base64, 'base64').subarray(0, previewBytes).toString()}`;
  return `${facts.map(([name, value]) => `${name.padEnd(18)}${value}`).join('\n')}${preview}`;
}

function sourceOf({ letter: { source } }: Pick<Item, 'letter'>): string {
  if (source.kind === 'log') return `${source.topic}/${source.partition}/${source.offset}`;
  return `${source.channel}/${source.account}`;
}
