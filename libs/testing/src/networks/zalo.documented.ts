import type { DocumentedPayload } from './documented.js';

const source =
  'https://developers.zalo.me/docs/official-account/webhook/tin-nhan/su-kien-nguoi-dung-gui-tin-nhan (2026-10-04, as kept in public implementations, 2026-11-23)';
const head = {
  app_id: '360846524940903967',
  sender: { id: '246845883529197922' },
  user_id_by_app: '552177279717587730',
  recipient: { id: '388613280878808645' },
};
const timestamp = '154390853474';

/** Values are the documentation's where it shows any; where it only names a member, the value is of the type that it states. */
export const documentedZalo = {
  text: {
    what: 'user_send_text',
    source,
    payload: {
      ...head,
      event_name: 'user_send_text',
      message: { text: 'message', msg_id: '96d3cdf3af150460909' },
      timestamp,
    },
  },
  image: {
    what: 'user_send_image',
    source,
    payload: {
      ...head,
      event_name: 'user_send_image',
      message: {
        text: 'message',
        msg_id: '96d3cdf3af150460909',
        attachments: [{ payload: { thumbnail: 'http://…', url: 'http://…' }, type: 'image' }],
      },
      timestamp,
    },
  },
  echo: {
    what: 'oa_send_text with admin_id',
    source:
      'https://developers.zalo.me/docs/official-account/webhook/tin-nhan/su-kien-oa-gui-tin-nhan (members, 2026-11-23)',
    payload: {
      app_id: '360846524940903967',
      sender: { id: '388613280878808645', admin_id: '6414894983940594945' },
      recipient: { id: '246845883529197922' },
      event_name: 'oa_send_text',
      message: { text: 'message', msg_id: '96d3cdf3af150460910' },
      user_id_by_app: '552177279717587730',
      timestamp,
    },
  },
  received: {
    what: 'user_received_message',
    source:
      'https://developers.zalo.me/docs/official-account/webhook/tin-nhan/su-kien-nguoi-dung-nhan-tin-nhan (members as public implementations read them, 2026-11-23)',
    payload: {
      app_id: '360846524940903967',
      sender: { id: '388613280878808645' },
      recipient: { id: '246845883529197922' },
      event_name: 'user_received_message',
      message: { msg_id: '96d3cdf3af150460910' },
      timestamp,
    },
  },
  seen: {
    what: 'user_seen_message',
    source:
      'https://developers.zalo.me/docs/official-account/webhook/tin-nhan/su-kien-nguoi-dung-da-xem-tin-nhan (members as public implementations read them, 2026-11-23)',
    payload: {
      app_id: '360846524940903967',
      sender: { id: '388613280878808645' },
      recipient: { id: '246845883529197922' },
      event_name: 'user_seen_message',
      message: { msg_ids: ['96d3cdf3af150460910', '96d3cdf3af150460911'] },
      timestamp,
    },
  },
  call: {
    what: 'user_call_oa',
    source: 'https://developers.zalo.me/docs/official-account/webhook (calls: members and units, 2026-11-23)',
    payload: {
      app_id: '360846524940903967',
      oa_id: '388613280878808645',
      user_id: '246845883529197922',
      event_name: 'user_call_oa',
      call_id: '7a1c9f',
      call_type: 'AUDIO',
      init_time: 1718000000000,
      call_duration: 65000,
      waiting_time: 5,
      talk_time: 60000,
      status_code: 0,
      timestamp: '1718000065000',
    },
  },
} as const satisfies Record<string, DocumentedPayload>;
