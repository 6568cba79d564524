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
      'https://docs.zaloplatforms.com/docs/OA/webhook/tin-nhan/su-kien-nguoi-dung-nhan-tin-nhan-tu-official-account (members, as public notes of 2026-09-16 took them down, read 2026-11-23)',
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
      'https://docs.zaloplatforms.com/docs/OA/webhook/tin-nhan/su-kien-nguoi-dung-da-xem-tin-nhan-duoc-gui-tu-official-account (members, as public notes of 2026-09-16 took them down, read 2026-11-23)',
    payload: {
      app_id: '360846524940903967',
      sender: { id: '388613280878808645' },
      recipient: { id: '246845883529197922' },
      event_name: 'user_seen_message',
      message: { msg_ids: ['96d3cdf3af150460910', '96d3cdf3af150460911'] },
      timestamp,
    },
  },
  seenInFact: {
    what: 'user_seen_message as it came in',
    source:
      'a webhook of 2020-07-13 that a public implementation keeps beside its reader (index of public repositories, file 8190113277, 2026-11-23; ids of people and accounts are others)',
    payload: {
      sender: { id: '388613280878808645' },
      recipient: { id: '246845883529197922' },
      event_name: 'user_seen_message',
      message: { msg_ids: ['e72c0a55e95fcb00924f'] },
      app_id: '360846524840903967',
      timestamp: '1594636778967',
    },
  },
  receivedByNumber: {
    what: 'user_received_message of a template that was sent to a telephone number',
    source:
      'https://developers.zalo.me/docs/zbs-template-message/gui-tin-template-qua-sdt/webhook-gui-tin-qua-sdt/su-kien-nguoi-dung-nhan-tin-qua-sdt (as kept in two public copies, 2026-11-23)',
    payload: {
      sender: { id: '2893352839501541173' },
      recipient: { id: '84123456789' },
      event_name: 'user_received_message',
      message: { delivery_time: '1602960467432', msg_id: '15a0cc0bbb13bd4ce403', tracking_id: 'tracking_id' },
      app_id: '2074138120372622546',
      timestamp: '1602560967477',
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
