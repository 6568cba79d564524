import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import * as subject from './index.js';

describe('identifiers', () => {
  it('gives the same id to the same input and another to any other', () => {
    const parts = { channel: 'email', account: 'support', messageId: '<a@b>', revision: 'x' };
    expect(subject.feedbackEventId(parts)).toBe(subject.feedbackEventId({ ...parts }));
    expect(subject.feedbackEventId(parts)).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    fc.assert(
      fc.property(fc.array(fc.string()), fc.array(fc.string()), (a, b) => {
        const equal = JSON.stringify(a) === JSON.stringify(b);
        return (subject.uuidV5(...a) === subject.uuidV5(...b)) === equal;
      }),
    );
  });

  it('makes references that are found again in what a customer writes, in any case', () => {
    for (let i = 0; i < 200; i++) {
      const reference = subject.formReference(randomUUID());
      expect(reference).toMatch(/^F-[0-9A-HJKMNP-TV-Z]{10}[0-9A-HJKMNP-TV-Z*~$=U]$/);
      expect(subject.findFormReference(`Về việc ${reference.toLowerCase()} hôm qua`)).toBe(reference);
    }
  });

  it('does not find a reference with a typing error', () => {
    const reference = subject.formReference('0b54ab4b-50fd-5fbd-94a2-0d1be3ba2b9a');
    const wrong = reference.slice(0, 4) + (reference[4] === 'A' ? 'B' : 'A') + reference.slice(5);
    expect(subject.findFormReference(wrong)).toBeUndefined();
  });

  it('makes opaque conversation keys', () => {
    expect(subject.conversationKey('secret', 'mail:<a@b>')).toMatch(/^[a-z2-7]{32}$/);
    expect(subject.conversationKey('secret', 'a')).not.toBe(subject.conversationKey('other', 'a'));
  });
});

describe('partitionFor', () => {
  // Values of Utils.murmur2 in Kafka's own test suite (UtilsTest#testMurmur2), masked to positive, modulo a prime.
  it.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ])('places %s as Kafka’s own clients do', (key, hash) => {
    expect(subject.partitionFor(key, 1_000_003)).toBe((hash & 0x7fffffff) % 1_000_003);
  });
});

describe('text', () => {
  it('is NFC, without NUL and lone surrogates, whatever came', () => {
    expect(subject.cleanText('Vie\u0323\u0302t\u0000 \ud800')).toBe('Việt \ufffd');
  });

  it('is cut at a character boundary and never above the limit', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(50), (raw, limit) => {
        const clean = subject.cleanText(raw);
        const { text, truncated } = subject.cutToBytes(clean, limit);
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(limit);
        expect(clean.startsWith(text)).toBe(true);
        expect(truncated).toBe(text !== clean);
        expect(text.includes('\ufffd')).toBe(clean.slice(0, text.length).includes('\ufffd'));
      }),
    );
  });
});

describe('thread tokens', () => {
  const secrets = ['a-secret-of-the-test', 'an-older-secret'] as const;
  const old = ['an-older-secret'] as const;
  const reply = { replyId: randomUUID(), conversationKey: subject.conversationKey('s', 'x'), domain: 'example.vn' };

  it('prove that a Message-ID is ours, also under the older secret', () => {
    const { domain: _, ...proven } = reply;
    for (const signing of [secrets, old] as const) {
      expect(subject.verifyReplyMessageId(subject.createReplyMessageId(reply, signing), secrets)).toEqual(proven);
    }
  });

  it.each([
    ['another reply', (id: string) => id.replace(/^<.{8}/, '<00000000')],
    ['a cut HMAC', (id: string) => id.replace(/.@/, '@')],
    ['another HMAC', (id: string) => id.replace(/\.[0-9a-f]{20}@/, '.00000000000000000000@')],
    ['no domain', (id: string) => id.replace(/@.*/, '')],
    ['a stranger’s', () => '<CAF=abc@mail.gmail.com>'],
    ['nothing', () => ''],
  ])('refuse a Message-ID with %s', (_, forge) => {
    expect(subject.verifyReplyMessageId(forge(subject.createReplyMessageId(reply, secrets)), secrets)).toBeUndefined();
  });

  it('prove a plus-address, whatever case a client makes of it', () => {
    const address = subject.createPlusAddress('hotro@example.vn', 'PH-1024', secrets);
    expect(address).toMatch(/^hotro\+ph-1024\.[0-9a-f]{20}@example\.vn$/);
    expect(subject.verifyPlusAddress(address.toUpperCase(), secrets)).toEqual({ ticketNumber: 'PH-1024' });
    expect(subject.verifyPlusAddress(address.replace('1024', '1025'), secrets)).toBeUndefined();
    expect(subject.verifyPlusAddress('hotro+khuyenmai@example.vn', secrets)).toBeUndefined();
  });
});

describe('decode', () => {
  const fact = {
    id: randomUUID(),
    ticketId: randomUUID(),
    number: 'PH-1',
    sequence: 1,
    at: '2026-11-22T10:00:00.000Z',
    actor: { kind: 'system' },
    snapshot: { channel: 'email', account: 'a', priority: 'normal', status: 'new' },
    type: 'closed',
  } as const;
  const { headers, value } = subject.ticketChangedMessage(fact);

  it('reads what the encoder wrote', () => {
    expect(subject.decode(subject.contracts.ticketChanged, { headers, value })).toEqual({
      ok: true,
      id: fact.id,
      data: fact,
    });
  });

  it.each([
    ['missing_headers', {}, value],
    ['missing_headers', { ...headers, ce_specversion: '2.0' }, value],
    ['unknown_version', { ...headers, ce_type: 'ticket.changed.v9' }, value],
    ['null_value', headers, null],
    ['not_json', headers, Buffer.from('{"a":')],
    ['not_json', headers, Buffer.from([0x22, 0xff, 0xfe, 0x22])],
    ['schema_violation', headers, Buffer.from('{}')],
  ])('answers %s and never throws', (reason, given, bytes) => {
    const decoded = subject.decode(subject.contracts.ticketChanged, { headers: given, value: bytes });
    expect(decoded).toEqual({ ok: false, reason, detail: expect.any(String) as string });
  });

  it('knows its own facts from those of a newer writer', () => {
    const later = { ...fact, type: 'split_again' };
    const decoded = subject.decode(subject.contracts.ticketChanged, {
      headers,
      value: Buffer.from(JSON.stringify(later)),
    });
    expect(decoded.ok && subject.isKnownFact(decoded.data)).toBe(false);
    expect(subject.isKnownFact(fact)).toBe(true);
  });
});

describe('topics', () => {
  it('are named once, with twelve partitions', () => {
    const definitions = subject.topicDefinitions(subject.apps);
    expect(new Set(definitions.map(({ name }) => name)).size).toBe(definitions.length);
    expect(definitions.every(({ partitions }) => partitions === 12)).toBe(true);
  });
});
