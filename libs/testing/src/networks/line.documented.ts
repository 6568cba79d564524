import type { DocumentedPayload } from './documented.js';

const sdk = 'https://github.com/line/line-bot-sdk-php, EventRequestParserTest (2026-11-23)';
const recorded =
  'https://developers.line.biz/en/reference/messaging-api/#unsend-event, with the ids of its example (2026-11-23)';
const destination = 'U0123456789abcdef0123456789abcd';
const context = { webhookEventId: 'testwebhookeventid', deliveryContext: { isRedelivery: false } };
const head = { mode: 'active', timestamp: 12345678901234, ...context, replyToken: 'replytoken' };

export const documentedLine = {
  text: {
    what: 'text with an emoji of LINE',
    source: sdk,
    payload: {
      destination,
      events: [
        {
          type: 'message',
          ...head,
          source: { type: 'user', userId: 'userid' },
          message: {
            id: 'contentid',
            type: 'text',
            text: 'message (love)',
            emojis: [{ index: 8, length: 6, productId: '5ac1bfd5040ab15980c9b435', emojiId: '001' }],
          },
        },
      ],
    },
  },
  image: {
    what: 'picture of a group that somebody else keeps',
    source: sdk,
    payload: {
      destination,
      events: [
        {
          type: 'message',
          ...head,
          source: { type: 'group', groupId: 'groupid' },
          message: {
            id: 'contentid',
            type: 'image',
            contentProvider: {
              type: 'external',
              originalContentUrl: 'https://example.com/test.jpg',
              previewImageUrl: 'https://example.com/test-preview.jpg',
            },
            imageSet: {
              id: 'E005D41A7288F41B65593ED38FF6E9834B046AB36A37921A56BC236F13A91855',
              index: 1,
              total: 1,
            },
          },
        },
      ],
    },
  },
  unsend: {
    what: 'a message taken back',
    source: recorded,
    payload: {
      destination,
      events: [
        {
          type: 'unsend',
          mode: 'active',
          timestamp: 1462629479859,
          source: { type: 'user', userId: 'U4af4980629' },
          ...context,
          unsend: { messageId: '325708' },
        },
      ],
    },
  },
} as const satisfies Record<string, DocumentedPayload>;
