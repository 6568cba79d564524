import type { AccessTokens, Prepared } from '#intake';
import type { Answer, AnswerFile } from './answer.js';
import { prepareMessage as prepareLine } from './line/send.js';
import { type MetaAnswering, prepareComment, prepareInstagram, prepareMessenger } from './meta/send.js';
import { prepareWhatsApp } from './meta/send-whatsapp.js';
import { prepareMessage as prepareTelegram } from './telegram/send.js';
import { prepareConsultation } from './zalo/send.js';

const meta: MetaAnswering = {
  ...{ api: 'http://127.0.0.1:1', accessToken: 't', sender: '1', comments: 'public' as const },
  template: { name: 'answer', language: 'vi' },
};
const tokens = { access: async () => ({ kind: 'token', token: 't' }) } as unknown as AccessTokens;
const below = { inReplyTo: '1_2', conversationId: '1_1' };
const networks = {
  Telegram: (answer: Answer) => prepareTelegram({ ...answer, recipient: '5' }, 'http://127.0.0.1:1'),
  Zalo: (answer: Answer) => prepareConsultation({ ...answer, recipient: '5' }, 'http://127.0.0.1:1', tokens),
  Messenger: (answer: Answer) => prepareMessenger(answer, meta),
  Instagram: (answer: Answer) => prepareInstagram(answer, meta),
  'Instagram comment': (answer: Answer) => prepareInstagram({ ...answer, ...below }, meta),
  WhatsApp: (answer: Answer) => prepareWhatsApp(answer, meta),
  'WhatsApp later': (answer: Answer) => prepareWhatsApp({ ...answer, silentForMs: 25 * 3_600_000 }, meta),
  Facebook: (answer: Answer) => prepareComment({ ...answer, ...below }, meta),
  LINE: (answer: Answer) =>
    prepareLine({ ...answer, recipient: `U${'0'.repeat(32)}` }, { push: 'x', authorization: 'y' }),
} as const satisfies Record<string, (answer: Answer) => Prepared | Promise<Prepared>>;

const file = (type: string, mebibytes: number): AnswerFile => ({
  ...{ name: 'tệp', type, bytes: mebibytes * 1024 * 1024 },
  read: async () => new Blob(['x'], { type }),
});
const said = async (network: keyof typeof networks, files: readonly AnswerFile[]) => {
  const prepared = await networks[network]({ id: 'r', recipient: '84900000001', text: 'x', isFromAgent: true, files });
  return prepared.kind === 'ready' ? 'ready' : `${prepared.error.code}: ${prepared.error.detail}`;
};

it.each<[keyof typeof networks, string, number, string]>([
  ['Telegram', 'application/zip', 50, 'ready'],
  ['Telegram', 'image/png', 10, 'ready'],
  [
    'Telegram',
    'image/png',
    11,
    'message_too_large: a file of 11534336 bytes, the limit of Telegram is 10 MiB for image/png',
  ],
  ['Zalo', 'image/jpeg', 1, 'ready'],
  ['Zalo', 'application/pdf', 5, 'ready'],
  ['Zalo', 'image/jpeg', 2, 'message_too_large: a file of 2097152 bytes, the limit of Zalo is 1 MiB for image/jpeg'],
  ['Zalo', 'video/mp4', 1, 'message_rejected: Zalo takes no files of type video/mp4'],
  ['Messenger', 'application/zip', 25, 'ready'],
  [
    'Messenger',
    'application/zip',
    26,
    'message_too_large: a file of 27262976 bytes, the limit of Messenger is 25 MiB for application/zip',
  ],
  ['Instagram', 'application/pdf', 25, 'ready'],
  ['Instagram', 'application/zip', 1, 'message_rejected: Instagram takes no files of type application/zip'],
  ['Instagram comment', 'image/png', 1, 'message_rejected: Instagram takes answers to comments without files'],
  ['WhatsApp', 'image/jpeg', 5, 'ready'],
  [
    'WhatsApp',
    'image/jpeg',
    6,
    'message_too_large: a file of 6291456 bytes, the limit of WhatsApp is 5 MiB for image/jpeg',
  ],
  ['WhatsApp', 'image/tiff', 1, 'message_rejected: WhatsApp takes no files of type image/tiff'],
  ['WhatsApp later', 'image/jpeg', 1, 'message_rejected: WhatsApp takes no files after 24 hours'],
  ['Facebook', 'image/jpeg', 1, 'message_rejected: Facebook takes answers to comments without files'],
  ['LINE', 'image/jpeg', 1, 'message_rejected: LINE takes files by public addresses only'],
])('%s and a file of type %s with %i MiB: %s', async (network, type, mebibytes, expected) => {
  expect(await said(network, [file(type, mebibytes)])).toBe(expected);
});

it.each(['Telegram', 'Zalo', 'Messenger', 'Instagram', 'WhatsApp'] as const)(
  '%s takes ten files, and no more',
  async (network) => {
    const ten = Array.from({ length: 10 }, () => file('image/png', 1));
    expect(await said(network, ten)).toBe('ready');
    expect(await said(network, [...ten, ...ten.slice(0, 1)])).toBe(
      `message_too_large: 11 files, ${network} takes 10 in one answer`,
    );
  },
);
