import { createRequire } from 'node:module';
import { crc32c } from '@node-rs/crc32';

/** A record as kafkajs hands it to its encoder. */
export interface RecordToEncode {
  readonly offsetDelta?: number;
  readonly timestampDelta?: number;
  readonly key?: string | Buffer | null;
  readonly value?: string | Buffer | null;
  readonly headers?: Readonly<Record<string, string | Buffer | readonly (string | Buffer)[]>>;
}

/** The part of kafkajs' encoder that its record batch reads. */
interface EncodedRecord {
  readonly buf: Buffer;
  readonly buffer: Buffer;
}

const encoderPath = 'kafkajs/src/protocol/recordBatch/record/v0/index.js';
const checksumPath = 'kafkajs/src/protocol/recordBatch/crc32C/index.js';

/**
 * Replaces kafkajs' record encoder by one that writes each record into one buffer of the right size: its own makes an encoder of 512
 * zeroed bytes for every header, which took more time than all the rest of publishing, since an event has ten headers. And its checksum,
 * a table looked up byte by byte, by that of the processor.
 * kafkajs requires both when it first produces, so this must run before that. @returns whether it took effect.
 */
export function useFastRecordEncoding(): boolean {
  return replaced(encoderPath, encodeRecord) && replaced(checksumPath, crc32c);
}

function replaced(path: string, by: unknown): boolean {
  const require = createRequire(import.meta.url);
  require(path);
  const module = require.cache[require.resolve(path)];
  if (module !== undefined) module.exports = by;
  return module !== undefined;
}

/** Record of message format 2. Source: kafka.apache.org/documentation/#record */
export function encodeRecord({
  offsetDelta = 0,
  timestampDelta = 0,
  key,
  value,
  headers = {},
}: RecordToEncode): EncodedRecord {
  const pairs: [name: string, value: string | Buffer][] = [];
  for (const name in headers) {
    const given = headers[name];
    if (typeof given === 'string' || Buffer.isBuffer(given)) pairs.push([name, given]);
    else for (const one of given ?? []) pairs.push([name, one]);
  }
  let size = 1 + varIntSize(timestampDelta) + varIntSize(offsetDelta) + bytesSize(key) + bytesSize(value);
  size += varIntSize(pairs.length);
  for (const [name, header] of pairs) size += bytesSize(name) + bytesSize(header);

  const buf = Buffer.allocUnsafe(size + varIntSize(size));
  let at = writeVarInt(buf, 0, size);
  buf[at++] = 0; // attributes: none are defined for a record
  at = writeVarInt(buf, at, timestampDelta);
  at = writeVarInt(buf, at, offsetDelta);
  at = writeBytes(buf, at, key);
  at = writeBytes(buf, at, value);
  at = writeVarInt(buf, at, pairs.length);
  for (const [name, header] of pairs) at = writeBytes(buf, writeBytes(buf, at, name), header);
  return { buf, buffer: buf };
}

/** Zigzag without shifts: a timestamp's difference can be larger than 32 bits. */
const zigzag = (value: number) => (value < 0 ? -2 * value - 1 : 2 * value);

function varIntSize(value: number): number {
  let rest = zigzag(value);
  let size = 1;
  while (rest >= 0x80) {
    rest = Math.floor(rest / 0x80);
    size += 1;
  }
  return size;
}

function writeVarInt(buf: Buffer, at: number, value: number): number {
  let rest = zigzag(value);
  while (rest >= 0x80) {
    buf[at++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  buf[at++] = rest;
  return at;
}

function bytesSize(value: string | Buffer | null | undefined): number {
  if (value === null || value === undefined) return varIntSize(-1);
  const length = Buffer.byteLength(value);
  return varIntSize(length) + length;
}

function writeBytes(buf: Buffer, at: number, value: string | Buffer | null | undefined): number {
  if (value === null || value === undefined) return writeVarInt(buf, at, -1);
  const start = writeVarInt(buf, at, Buffer.byteLength(value));
  return start + (typeof value === 'string' ? buf.write(value, start) : value.copy(buf, start));
}
