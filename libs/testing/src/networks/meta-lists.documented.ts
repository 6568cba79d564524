import type { DocumentedPayload } from './documented.js';

const customer = { name: 'An', email: '2754244529084840@facebook.com', id: '2754244529084840' };
const page = { name: 'Trang', email: '1785032935073759@facebook.com', id: '1785032935073759' };
const conversation = 'aWdfZAG06MzQwMjgyMzY2ODQxNzEwMzAxMjQ0Mjc2MDMzNzY0NTMzNjk3MDE5';

/** What Graph's lists have answered; of people and accounts the names, ids and tokens are others than those that stood there. */
export const documentedMetaLists = {
  conversations: {
    what: 'conversations of a page, without fields',
    source:
      'https://developers.facebook.com/docs/messenger-platform/conversations (2026-11-23; times are "UNIX_TIMESTAMP" there)',
    payload: {
      data: [
        { id: 't_CONVERSATION-ID-1', updated_time: '1600000002' },
        { id: 't_CONVERSATION-ID-2', updated_time: '1600000001' },
      ],
    },
  },
  messenger: {
    what: 'conversations of a page with their messages',
    source:
      'an answer of Graph v2.8 of 2017-04-16 to fields=messages.limit(1){from,to,created_time,message}, kept in the initial state of a public web client (index of public repositories, file 44170682916, 2026-11-23)',
    payload: {
      data: [
        {
          id: 't_mid.$cAAYNjHrtQCVhnPT3Hlba6-rQEX7g',
          messages: {
            data: [
              {
                from: customer,
                to: { data: [page] },
                created_time: '2017-04-16T12:54:00+0000',
                message: 'alo]',
                id: 'm_mid.$cAAYNjHrtQCVhqBkJT1bdtO6qvBit',
              },
            ],
            paging: {
              cursors: { before: 'QVFIUmdSQW9JeVg0Z', after: 'QVFIUmdSQW9JeVg0Z' },
              next: 'https://graph.facebook.com/v2.8/t_mid.$cAAYNjHrtQCVhnPT3Hlba6-rQEX7g/messages?access_token=x&pretty=1&fields=from%2Cto%2Ccreated_time%2Cmessage&limit=1&after=QVFIUmdSQW9JeVg0Z',
            },
          },
        },
      ],
    },
  },
  instagram: {
    what: 'a conversation on Instagram with its only message',
    source:
      'an answer of Graph v24.0 of 2026-02-18 to fields=messages{id,created_time,from,to,message}, kept as a comment in a public web client (index of public repositories, file 58058162926, 2026-11-23)',
    payload: {
      data: [
        {
          messages: {
            data: [
              {
                id: 'aWdfZAG1faXRlbToxOklHTWVzc2FnZAUlEOjE3ODQxNDQ2NzM5MjI5MzY4',
                created_time: '2026-02-18T18:37:25+0000',
                from: { username: 'our_account', id: '17841400000000002' },
                to: { data: [{ username: 'a_customer', id: '8575547006700090' }] },
                message: 'hello first conversations',
              },
            ],
            paging: {
              cursors: { after: 'ZAXlKamRYSnpiM0lpT2lJek1qWTNOekk1' },
              next: `https://graph.instagram.com/v24.0/${conversation}/messages?access_token=x&fields=id%2Ccreated_time%2Cfrom%2Cto%2Cmessage&limit=25&after=ZAXlKamRYSnpiM0lpT2lJek1qWTNOekk1`,
            },
          },
          id: conversation,
        },
      ],
    },
  },
  instagramConversations: {
    what: 'conversations on Instagram with who takes part',
    source:
      'an answer of Graph v25.0 of 2026-04-05, kept in the notes of a public integration (index of public repositories, file 58518028858, 2026-11-23)',
    payload: {
      data: [
        {
          id: 'aWdfZAG06MzQwMjgyMzY2ODQxNzEwMzAxMjQ0MjU5OTA5MzU5NDg4MzY5Mjg0',
          updated_time: '2026-04-05T05:27:08+0000',
          participants: {
            data: [
              { username: 'our_account', id: '17841400000000002' },
              { username: 'a_customer', id: '8575547006700090' },
            ],
          },
        },
      ],
    },
  },
  messagesByTime: {
    what: 'messages of a conversation, paged by time',
    source:
      'an answer of Graph v2.5 of 2016-02-02 to fields=message,from,created_time, kept in a public shop (index of public repositories, file 8835252115, 2026-11-23)',
    payload: {
      data: [
        {
          message: '20',
          from: customer,
          created_time: '2016-02-02T15:19:28+0000',
          id: 'm_mid.1454426368683:ece75f417752c71234',
        },
      ],
      paging: {
        previous:
          'https://graph.facebook.com/v2.5/t_mid.1453826055296:6726c8564763d76e99/messages?since=1454426368&access_token=x&limit=25&__paging_token=enc_A&__previous=1',
        next: 'https://graph.facebook.com/v2.5/t_mid.1453826055296:6726c8564763d76e99/messages?since=1454424460&access_token=x&limit=25&__paging_token=enc_B',
      },
    },
  },
} as const satisfies Record<string, DocumentedPayload>;
