import { readdirSync, readFileSync } from 'node:fs';
import type { SchemaValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { type Contract, contracts, decode, factTypes, ownKeywords } from '#contracts';

const golden = 'libs/contracts/golden';
const written = 'docs/contracts';

/** An independent reader: knows only the written schemas, and what their two own keywords mean. */
function judges(): Map<string, (data: unknown) => boolean> {
  const ajv = new Ajv2020({ strict: false, allErrors: false });
  (addFormats as unknown as (target: Ajv2020) => void)(ajv);
  for (const [keyword, validate] of Object.entries(ownKeywords)) {
    ajv.addKeyword({ keyword, type: 'string', validate: validate as unknown as SchemaValidateFunction });
  }
  return new Map(
    Object.values(contracts).map((contract) => {
      const schema = JSON.parse(readFileSync(`${written}/${contract.type}.schema.json`, 'utf8')) as object;
      return [contract.type, (data: unknown) => ajv.compile(schema)(data)] as const;
    }),
  );
}

const examples = readdirSync(golden, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.json'))
  .map((path) => {
    const [, type = '', name = ''] = /([^/]+)--([^/]+)\.json$/.exec(path) ?? [];
    return { path, type, name, text: readFileSync(`${golden}/${path}`, 'utf8') };
  });
const contractOf = (type: string) =>
  Object.values(contracts).find((contract) => contract.type === type) as Contract<unknown>;

type Data = Record<string, unknown>;
/** Each breaks one thing; not every mutation is wrong for every contract: what counts is that both readers agree. */
const hostile: readonly [name: string, mutate: (data: Data) => unknown][] = [
  ['an array', (data) => [data]],
  ['null', () => null],
  ['a number', () => 7],
  ['nothing in it', () => ({})],
  ['an unknown field', (data) => ({ ...data, surprise: { deep: [1] } })],
  ['an id that is no uuid', (data) => ({ ...data, id: '../../etc' })],
  ['an id in upper case', (data) => ({ ...data, id: String(data.id).toUpperCase() })],
  ['a time with a blank', (data) => ({ ...data, at: '2026-11-22 10:00:00Z', receivedAt: '2026-11-22 10:00:00Z' })],
  [
    'a time with an offset',
    (data) => ({ ...data, at: '2026-11-22T10:00:00+07:00', receivedAt: '2026-11-22T10:00:00+07:00' }),
  ],
  ['a day that is none', (data) => ({ ...data, at: '2026-02-30T10:00:00Z', receivedAt: '2026-02-30T10:00:00Z' })],
  ['NUL in the text', (data) => ({ ...data, text: 'a\u0000b' })],
  ['text that is not NFC', (data) => ({ ...data, text: 'e\u0301' })],
  ['a lone surrogate', (data) => ({ ...data, text: '\ud800' })],
  ['text one byte too long', (data) => ({ ...data, text: `${'a'.repeat(65_536 - 2)}ệ` })],
  ['text just as long as may be', (data) => ({ ...data, text: `${'a'.repeat(65_536 - 3)}ệ` })],
  ['a channel of tomorrow', (data) => ({ ...data, channel: 'line', kind: 'reaction' })],
  ['a channel with a blank', (data) => ({ ...data, channel: 'e mail' })],
  ['a channel that is a number', (data) => ({ ...data, channel: 3 })],
  ['a type of tomorrow', (data) => ({ ...data, type: 'split_again' })],
  ['a type in upper case', (data) => ({ ...data, type: 'OPENED' })],
  ['a sequence of 0', (data) => ({ ...data, sequence: 0 })],
  ['a sequence of 1.5', (data) => ({ ...data, sequence: 1.5 })],
  ['a negative duration', (data) => ({ ...data, seconds: -1, waitSeconds: -1 })],
  ['no snapshot', ({ snapshot: _, ...data }) => data],
  ['101 attachments', (data) => ({ ...data, attachments: Array.from({ length: 101 }, () => ({})) })],
  [
    '51 references',
    (data) => ({ ...data, thread: { references: Array.from({ length: 51 }, () => '<a@b>'), hints: [] } }),
  ],
  ['fields of a wrong type', (data) => ({ ...data, fields: { a: null } })],
  ['__proto__ as a field', (data) => JSON.parse(JSON.stringify(data).replace('{', '{"__proto__":{"x":1},')) as unknown],
  [
    'an offset that is no number',
    (data) => ({ ...data, source: { kind: 'log', topic: 't', partition: 0, offset: 'x' } }),
  ],
  ['a key that is a number', (data) => ({ ...data, key: 1 })],
  ['an attempt below 0', (data) => ({ ...data, attempt: -1 })],
];

describe('contracts', () => {
  const judge = judges();

  it('have a golden example of every type, and of every fact', () => {
    expect(new Set(examples.map(({ type }) => type))).toEqual(new Set(judge.keys()));
    const facts = examples.filter(({ type }) => type === 'ticket.changed.v1').map(({ name }) => name);
    expect(facts).toEqual(expect.arrayContaining([...factTypes]));
  });

  it.each(examples)('today’s readers take the golden example $path', ({ type, text }) => {
    const headers = { ce_specversion: '1.0', ce_type: type, ce_id: '1' };
    expect(decode(contractOf(type), { headers, value: Buffer.from(text) }).ok).toBe(true);
    expect(judge.get(type)?.(JSON.parse(text))).toBe(true);
  });

  it.each(hostile)('the written schemas and the compiled checks judge alike: %s', (_, mutate) => {
    for (const { type, path, text } of examples) {
      const data = mutate(JSON.parse(text) as Data);
      const compiled = contractOf(type).schema.safeParse(data).success;
      expect({ path, accepted: compiled }).toEqual({ path, accepted: judge.get(type)?.(data) });
    }
  });
});
