import type { DocumentedPayload } from './documented.js';

const source = 'https://core.telegram.org/bots/webhooks#testing-your-bot-with-updates (2026-11-23)';
const person = { last_name: 'Test Lastname', id: 1111111, first_name: 'Test Firstname', username: 'Testusername' };
const chat = { ...person, type: 'private' };
const head = { date: 1441645532, chat, message_id: 1365, from: person };

export const documentedTelegram = {
  text: { what: 'message with text', source, payload: { update_id: 10000, message: { ...head, text: '/start' } } },
  reply: {
    what: 'message with a reply',
    source,
    payload: {
      update_id: 10000,
      message: {
        ...head,
        text: '/start',
        reply_to_message: {
          date: 1441645000,
          chat: {
            last_name: 'Reply Lastname',
            type: 'private',
            id: 1111112,
            first_name: 'Reply Firstname',
            username: 'Testusername',
          },
          message_id: 1334,
          text: 'Original',
        },
      },
    },
  },
  edited: {
    what: 'edited message',
    source,
    payload: { update_id: 10000, edited_message: { ...head, text: 'Edited text', edit_date: 1441646600 } },
  },
  document: {
    what: 'message with a document',
    source,
    payload: {
      update_id: 10000,
      message: {
        ...head,
        document: {
          file_id: 'AwADBAADbXXXXXXXXXXXGBdhD2l6_XX',
          file_name: 'Testfile.pdf',
          mime_type: 'application/pdf',
          file_size: 536392,
        },
      },
    },
  },
  callback: {
    what: 'callback query',
    source,
    payload: {
      update_id: 10000,
      callback_query: {
        id: '4382bfdwdsb323b2d9',
        from: { ...person, type: 'private' },
        data: 'Data from button callback',
        inline_message_id: '1234csdbsk4839',
      },
    },
  },
} as const satisfies Record<string, DocumentedPayload>;
