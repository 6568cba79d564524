import type { DocumentedPayload } from './documented.js';

// Where the documentation shows a placeholder (<PAGE_ID>), a number stands here.
const page = '1067280970047460';
const person = '5023448271091';

export const documentedMeta = {
  message: {
    what: 'messages',
    source: 'https://developers.facebook.com/docs/messenger-platform/reference/webhook-events/messages (2026-11-23)',
    payload: {
      object: 'page',
      entry: [
        {
          id: page,
          time: 1458692752478,
          messaging: [
            {
              sender: { id: person },
              recipient: { id: page },
              timestamp: 1458692752478,
              message: {
                mid: 'mid.1457764197618:41d102a3e1ae206a38',
                text: 'hello, world!',
                quick_reply: { payload: 'DEVELOPER_DEFINED_PAYLOAD' },
              },
            },
          ],
        },
      ],
    },
  },
  echo: {
    what: 'message_echoes',
    source:
      'https://developers.facebook.com/docs/messenger-platform/reference/webhook-events/message-echoes (2026-11-23)',
    payload: {
      object: 'page',
      entry: [
        {
          id: page,
          time: 1457764197627,
          messaging: [
            {
              sender: { id: page },
              recipient: { id: person },
              timestamp: 1457764197627,
              message: {
                is_echo: true,
                app_id: 1517776481860111,
                metadata: 'DEVELOPER_DEFINED_METADATA_STRING',
                mid: 'mid.1458696618141:b4ef9d19ec21086067',
                text: 'hello, world!',
              },
            },
          ],
        },
      ],
    },
  },
  delivery: {
    what: 'message_deliveries',
    source:
      'https://developers.facebook.com/documentation/business-messaging/messenger-platform/webhooks/webhook-events/message-deliveries (2026-11-23)',
    payload: {
      object: 'page',
      entry: [
        {
          id: page,
          time: 1458668856463,
          messaging: [
            {
              sender: { id: person },
              recipient: { id: page },
              delivery: { mids: ['mid.1458668856218:ed81099e15d3f4f233'], watermark: 1458668856253 },
            },
          ],
        },
      ],
    },
  },
  read: {
    what: 'message_reads',
    source:
      'https://developers.facebook.com/docs/messenger-platform/reference/webhook-events/message-reads (2026-11-23)',
    payload: {
      object: 'page',
      entry: [
        {
          id: page,
          time: 1458668856463,
          messaging: [
            {
              sender: { id: person },
              recipient: { id: page },
              timestamp: 1458668856463,
              read: { watermark: 1458668856253 },
            },
          ],
        },
      ],
    },
  },
  comment: {
    what: 'feed, a comment',
    source: 'https://developers.facebook.com/docs/graph-api/webhooks/reference/page/#feed (2026-11-23)',
    payload: {
      object: 'page',
      entry: [
        {
          id: page,
          time: 1678886400,
          changes: [
            {
              field: 'feed',
              value: {
                item: 'comment',
                verb: 'add',
                comment_id: '44444444_555555',
                parent_id: '44444444_444444444',
                post_id: '44444444_444444444',
                created_time: 1678886390,
                message: 'Example comment.',
                from: { id: person, name: 'Test User' },
              },
            },
          ],
        },
      ],
    },
  },
  instagramComment: {
    what: 'Instagram comments',
    source: 'https://developers.facebook.com/docs/instagram-platform/webhooks/examples (2026-11-23)',
    payload: {
      object: 'instagram',
      entry: [
        {
          id: '17841400000000000',
          time: 1569262486,
          changes: [
            {
              field: 'comments',
              value: {
                from: { id: '232323232', username: 'test' },
                media: { id: '123123123', media_product_type: 'FEED' },
                id: '17865799348089039',
                parent_id: '1231231234',
                text: 'This is an example.',
              },
            },
          ],
        },
      ],
    },
  },
  whatsAppStatus: {
    what: 'WhatsApp, a status',
    source:
      'https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages/status (2026-11-23)',
    payload: {
      object: 'whatsapp_business_account',
      entry: [
        {
          id: '102290129340398',
          changes: [
            {
              value: {
                messaging_product: 'whatsapp',
                metadata: { display_phone_number: '15550783881', phone_number_id: '106540352242922' },
                statuses: [
                  {
                    id: 'wamid.HBgLMTY1MDM4Nzk0MzkVAgARGBI3MTE5MjY2RUI5RjQxREI0NEEA',
                    status: 'delivered',
                    timestamp: '1750030073',
                    recipient_id: '16505551234',
                    biz_opaque_callback_data: 'BUSINESS_OPAQUE_DATA',
                  },
                ],
              },
              field: 'messages',
            },
          ],
        },
      ],
    },
  },
  whatsApp: {
    what: 'WhatsApp, a text',
    source: 'https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/overview (2026-11-23)',
    payload: {
      object: 'whatsapp_business_account',
      entry: [
        {
          id: '102290129340398',
          changes: [
            {
              value: {
                messaging_product: 'whatsapp',
                metadata: { display_phone_number: '15550783881', phone_number_id: '106540352242922' },
                contacts: [{ profile: { name: 'Sheena Nelson' }, wa_id: '16505551234' }],
                messages: [
                  {
                    from: '16505551234',
                    id: 'wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA=',
                    timestamp: '1749416383',
                    type: 'text',
                    text: { body: 'Does it come in another color?' },
                  },
                ],
              },
              field: 'messages',
            },
          ],
        },
      ],
    },
  },
} as const satisfies Record<string, DocumentedPayload>;
