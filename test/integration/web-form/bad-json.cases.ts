import { gzipSync } from 'node:zlib';

/** What is sent, and what must come back: status, stable code, named fields. */
export type BadInput = readonly [
  what: string,
  body: string | Buffer,
  headers: Record<string, string>,
  status: number,
  code: string | undefined,
  fields: readonly string[],
];

const json = { 'content-type': 'application/json' };
const typed = (type: string, more = {}) => ({ 'content-type': type, ...more });
const good = JSON.stringify({ message: 'x' });
const field = (name: string, value: unknown) => JSON.stringify({ message: 'x', [name]: value });

const taken = (what: string, body: string): BadInput => [what, body, json, 202, undefined, []];
const malformed = (what: string, body: string | Buffer, code = 'invalid_json'): BadInput => [
  what,
  body,
  json,
  400,
  code,
  [],
];
const invalid = (what: string, body: string, ...fields: string[]): BadInput => [
  what,
  body,
  json,
  422,
  'validation_failed',
  fields,
];
const unsupported = (
  what: string,
  body: string | Buffer,
  headers: Record<string, string>,
  code = 'unsupported_media_type',
) => [what, body, headers, 415, code, []] as const;

const deep = 10_000;
const manyFields = Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`f${i}`, 1]));
const growing = { message: 'x', name: '\u0958'.repeat(200), subject: '\u{1d160}'.repeat(150) };

export const badJson: readonly BadInput[] = [
  malformed('nothing', '', 'empty_body'),
  malformed('half of a JSON', '{"message":'),
  malformed('an array', '[{"message":"x"}]'),
  malformed('null', 'null'),
  malformed('10,000 levels of arrays', '['.repeat(deep) + ']'.repeat(deep)),
  malformed('bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]), 'invalid_encoding'),
  invalid(
    '10,000 levels in fields',
    `{"message":"x","fields":{"a":${'{"a":'.repeat(deep)}1${'}'.repeat(deep)}}}`,
    'fields.a',
  ),
  invalid('10,000 levels in an unknown field', `{"message":"x","a":${'['.repeat(deep)}${']'.repeat(deep)}}`, 'a'),
  taken('keys that stand twice: the last counts', '{"message":1,"message":"x"}'),
  invalid('__proto__', '{"message":"x","__proto__":{"admin":true}}', '__proto__'),
  invalid('__proto__ in fields', '{"message":"x","fields":{"__proto__":{"a":1}}}', 'fields.__proto__'),
  invalid('constructor in fields', '{"message":"x","fields":{"constructor":{"prototype":1}}}', 'fields.constructor'),
  invalid('mass assignment', field('id', 'ours'), 'id'),
  invalid('1e999 as rating', '{"message":"x","rating":1e999}', 'rating'),
  invalid('1e999 in fields', '{"message":"x","fields":{"n":1e999}}', 'fields.n'),
  invalid('half a star', field('rating', 3.5), 'rating'),
  invalid('six stars', field('rating', 6), 'rating'),
  invalid('stars as text', field('rating', '5'), 'rating'),
  taken('a byte order mark', `\ufeff${good}`),
  taken('NUL and lone surrogates', '{"message":"a\\u0000b\\ud800c","name":"\\udfff\\u0000"}'),
  taken('20,000 Vietnamese letters', field('message', 'ế'.repeat(20_000))),
  taken('line breaks in a name', field('name', 'A\r\nBcc: b@example.vn')),
  taken('letters that grow when composed', JSON.stringify(growing)),
  invalid('only control characters', '{"message":"\\u0000\\u0001 \\n"}', 'message'),
  invalid('no message', '{}', 'message'),
  invalid('a message of null', '{"message":null}', 'message'),
  invalid('a message that is a number', '{"message":1}', 'message'),
  invalid('several wrong fields', '{"email":"x","phone":"y"}', 'message', 'email', 'phone'),
  invalid('a message of 20,001 characters', field('message', 'x'.repeat(20_001)), 'message'),
  ['a body over the limit', field('message', 'x'.repeat(200_000)), json, 413, 'body_too_large', []],
  invalid('no address', field('email', 'not an address'), 'email'),
  invalid(
    'an address that a slow pattern would love',
    field('email', `${'a.'.repeat(120)}@${'a-'.repeat(4)}!`),
    'email',
  ),
  invalid('a number that a slow pattern would love', field('phone', `+${'1 '.repeat(19)}x`), 'phone'),
  invalid('words for a number', field('phone', 'call me'), 'phone'),
  invalid('a language that is none', field('language', 'x'.repeat(30)), 'language'),
  invalid('consent in words', field('consent', 'yes'), 'consent'),
  invalid('an unknown form', field('form', 'nowhere'), 'form'),
  invalid('a form from up the tree', field('form', '../../etc'), 'form'),
  invalid('the trap filled in', field('website', 'http://spam.example'), 'website'),
  invalid('fields as a list', field('fields', [1]), 'fields'),
  invalid('51 fields', field('fields', manyFields), 'fields'),
  invalid('a field name of 65 characters', field('fields', { ['f'.repeat(65)]: 1 }), `fields.${'f'.repeat(65)}`),
  invalid('a reserved field', field('fields', { consent: true }), 'fields.consent'),
  invalid('files in JSON', field('files', ['x']), 'files'),
  unsupported('UTF-16', Buffer.from(good, 'utf16le'), typed('application/json; charset=utf-16'), 'unsupported_charset'),
  unsupported(
    'a gzip bomb',
    gzipSync(Buffer.alloc(1_000_000)),
    { ...json, 'content-encoding': 'gzip' },
    'unsupported_encoding',
  ),
  unsupported('XML', '<message/>', typed('application/xml')),
  unsupported('text', 'hello', typed('text/plain')),
  unsupported('a form of pairs', 'message=x', typed('application/x-www-form-urlencoded')),
  unsupported('a type that is no type', good, typed(';;;')),
  unsupported('no type', good, {}),
  ['a key with a blank', good, { ...json, 'idempotency-key': 'a b' }, 400, 'idempotency_key_invalid', []],
  ['a key of 201 letters', good, { ...json, 'idempotency-key': 'k'.repeat(201) }, 400, 'idempotency_key_invalid', []],
];
