import { createRequire } from 'node:module';
import { crc32c } from '@node-rs/crc32';
import fc from 'fast-check';
import { encodeRecord, type RecordToEncode } from './record-encoding.js';

const kafkajs = createRequire(import.meta.url)('kafkajs/src/protocol/recordBatch/record/v0/index.js') as (
  record: RecordToEncode,
) => { buffer: Buffer };

const kafkajsChecksum = createRequire(import.meta.url)('kafkajs/src/protocol/recordBatch/crc32C/index.js') as (
  bytes: Buffer,
) => number;

const text = fc.string({ unit: 'binary', maxLength: 300 });
const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const headers = fc.dictionary(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
  fc.oneof(text, bytes, fc.array(text, { maxLength: 3 })),
  {
    maxKeys: 12,
    noNullPrototype: true,
  },
);

describe('encodeRecord', () => {
  it('writes what kafkajs writes', () => {
    fc.assert(
      fc.property(
        fc.record({
          offsetDelta: fc.nat({ max: 100_000 }),
          timestampDelta: fc.integer({ min: -(2 ** 45), max: 2 ** 45 }),
          key: fc.oneof(text, bytes, fc.constant(null)),
          value: fc.oneof(text, bytes, fc.constant(null)),
          headers,
        }),
        (record) => {
          expect(encodeRecord(record).buffer.toString('hex')).toBe(kafkajs(record).buffer.toString('hex'));
        },
      ),
    );
  });
});

it('the checksum is the one of kafkajs', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 5_000 }), (array) => {
      expect(crc32c(array)).toBe(kafkajsChecksum(Buffer.from(array)));
    }),
  );
});
