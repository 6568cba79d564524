import { documentedMeta } from '#testing';
import { meta } from './meta.js';
import { splitWebhook } from './split.js';

const network = meta({
  id: 'page',
  channel: 'messenger',
  provider: 'meta',
  credentials: {
    appSecret: "next-secret, It's a Secret to Everybody",
    verifyToken: 'the-verify-token',
    accessToken: 'token',
  },
  options: {},
});
/** Source: docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries, which signs the same header the same way (2026-11-23). */
const body = Buffer.from('Hello, World!');
const vector = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17';

describe("Meta's signature", () => {
  it.each<[string, string, Buffer, Record<string, string>]>([
    ['as published', 'genuine', body, { 'x-hub-signature-256': vector }],
    ['truncated', 'forged', body, { 'x-hub-signature-256': vector.slice(0, -1) }],
    ['without its scheme', 'forged', body, { 'x-hub-signature-256': vector.slice(7) }],
    ['of the older scheme', 'forged', body, { 'x-hub-signature': vector }],
    ['empty', 'forged', body, { 'x-hub-signature-256': '' }],
    ['missing', 'forged', body, {}],
    ['missing on an empty object', 'forged', Buffer.from('{}'), {}],
    ['of another body', 'forged', Buffer.from('Hello, World?'), { 'x-hub-signature-256': vector }],
  ])('%s: %s', (_, verdict, bytes, headers) => {
    expect(network.verify({ body: bytes, headers })).toBe(verdict);
  });

  it.each<[string, Record<string, unknown>, string | undefined]>([
    [
      'the token',
      { 'hub.mode': 'subscribe', 'hub.verify_token': 'the-verify-token', 'hub.challenge': '1158201444' },
      '1158201444',
    ],
    ['another token', { 'hub.mode': 'subscribe', 'hub.verify_token': 'x', 'hub.challenge': '1' }, undefined],
    [
      'another mode',
      { 'hub.mode': 'unsubscribe', 'hub.verify_token': 'the-verify-token', 'hub.challenge': '1' },
      undefined,
    ],
    [
      'two tokens',
      { 'hub.mode': 'subscribe', 'hub.verify_token': ['the-verify-token', 'x'], 'hub.challenge': '1' },
      undefined,
    ],
    ['no challenge', { 'hub.mode': 'subscribe', 'hub.verify_token': 'the-verify-token' }, undefined],
    ['nothing', {}, undefined],
  ])('a challenge with %s', (_, query, answer) => {
    expect(network.challenge?.(query)).toBe(answer);
  });
});

describe('a batch of Meta', () => {
  it('is split into every update of every entry, each a webhook of its own form', () => {
    const update = (id: number) => ({ sender: { id } });
    const payload = {
      object: 'page',
      entry: [
        { id: '1', time: 5, messaging: [update(1), update(2)], changes: [{ field: 'feed', value: { item: 'like' } }] },
        'broken',
        { id: '2' },
      ],
    };
    expect(splitWebhook(payload)).toEqual([
      { object: 'page', entry: [{ id: '1', time: 5, messaging: [update(1)] }] },
      { object: 'page', entry: [{ id: '1', time: 5, messaging: [update(2)] }] },
      { object: 'page', entry: [{ id: '1', time: 5, changes: [{ field: 'feed', value: { item: 'like' } }] }] },
      { object: 'page', entry: ['broken'] },
      { object: 'page', entry: [{ id: '2' }] },
    ]);
  });

  it('of WhatsApp is split into every message and status of every change', () => {
    const value = { metadata: { phone_number_id: '1' }, messages: [{ id: 'a' }, { id: 'b' }], statuses: [{ id: 'c' }] };
    const parts = splitWebhook({ object: 'w', entry: [{ id: '1', changes: [{ field: 'messages', value }] }] });
    const inner = (more: object) => [{ field: 'messages', value: { metadata: { phone_number_id: '1' }, ...more } }];
    expect(parts).toEqual([
      { object: 'w', entry: [{ id: '1', changes: inner({ messages: [{ id: 'a' }] }) }] },
      { object: 'w', entry: [{ id: '1', changes: inner({ messages: [{ id: 'b' }] }) }] },
      { object: 'w', entry: [{ id: '1', changes: inner({ statuses: [{ id: 'c' }] }) }] },
    ]);
  });

  it.each([[{}], [{ entry: [] }], [{ entry: 'x' }], [{ entry: { 0: {} } }]])(
    'that is none is kept whole: %j',
    (payload) => {
      expect(splitWebhook(payload)).toEqual([payload]);
      expect(network.normalize(payload)).toEqual({ kind: 'unreadable', detail: 'entry' });
    },
  );

  it.each(Object.values(documentedMeta))('with one update is that update: $what', ({ payload }) => {
    expect(splitWebhook(payload)).toEqual([payload]);
  });
});
