import type { Prepared } from '#intake';
import type { Answer } from '../answer.js';
import { graphMeaning } from './graph-errors.js';
import { type MetaAnswering, prepareComment, prepareInstagram, prepareMessenger } from './send.js';
import { prepareWhatsApp } from './send-whatsapp.js';

const by: MetaAnswering = { api: 'http://127.0.0.1:1', accessToken: 't', sender: '1', comments: 'public' };
const hour = 3_600_000;
const answer: Answer = {
  id: '00000000-0000-4000-8000-000000000000',
  recipient: '84900000001',
  text: 'x',
  isFromAgent: true,
  files: [],
};
const late = (hours: number, over: Partial<Answer> = {}) => ({ ...answer, silentForMs: hours * hour, ...over });
const below = { inReplyTo: '1_2', conversationId: '1_1' };
const template = { name: 'answer', language: 'vi' };

/** `ready`, or why not. */
const verdict = async (answered: Prepared | Promise<Prepared>) => {
  const prepared = await answered;
  return prepared.kind === 'ready' ? 'ready' : prepared.error.code;
};

describe('the window and limits of Meta', () => {
  it.each<[string, string, Prepared | Promise<Prepared>]>([
    ['Messenger within a day', 'ready', prepareMessenger(late(24), by)],
    ['Messenger, nobody knows when he wrote', 'ready', prepareMessenger(answer, by)],
    ['Messenger, a person within a week', 'ready', prepareMessenger(late(168), by)],
    ['Messenger, a person after a week', 'window_closed', prepareMessenger(late(169), by)],
    ['Messenger, a machine after a day', 'window_closed', prepareMessenger(late(25, { isFromAgent: false }), by)],
    ['Messenger, 2000 characters', 'ready', prepareMessenger({ ...answer, text: 'ệ'.repeat(2_000) }, by)],
    ['Messenger, 2001', 'message_too_large', prepareMessenger({ ...answer, text: 'ệ'.repeat(2_001) }, by)],
    ['Instagram, 1000 bytes', 'ready', prepareInstagram({ ...answer, text: 'x'.repeat(1_000) }, by)],
    [
      'Instagram, 1002 bytes of 334 letters',
      'message_too_large',
      prepareInstagram({ ...answer, text: 'ệ'.repeat(334) }, by),
    ],
    ['Instagram after a week', 'window_closed', prepareInstagram(late(169), by)],
    ['Instagram below a comment, any time', 'ready', prepareInstagram(late(9_999, below), by)],
    [
      'Instagram below a comment, 301',
      'message_too_large',
      prepareInstagram({ ...answer, ...below, text: 'x'.repeat(301) }, by),
    ],
    ['below a comment, any time', 'ready', prepareComment(late(9_999, below), by)],
    ['below no comment', 'message_rejected', prepareComment(answer, by)],
    ['below a path', 'message_rejected', prepareComment({ ...answer, inReplyTo: '../me' }, by)],
    ['in private within a week', 'ready', prepareComment(late(168, below), { ...by, comments: 'private' })],
    ['in private after a week', 'window_closed', prepareComment(late(169, below), { ...by, comments: 'private' })],
    ['WhatsApp within a day', 'ready', prepareWhatsApp(late(24), by)],
    ['WhatsApp after a day', 'window_closed', prepareWhatsApp(late(25), by)],
    ['WhatsApp after a day by template', 'ready', prepareWhatsApp(late(25), { ...by, template })],
    [
      'a template with 1025',
      'message_too_large',
      prepareWhatsApp(late(25, { text: 'x'.repeat(1_025) }), { ...by, template }),
    ],
    ['WhatsApp, 4097', 'message_too_large', prepareWhatsApp({ ...answer, text: 'x'.repeat(4_097) }, by)],
    ['WhatsApp to a name', 'recipient_rejected', prepareWhatsApp({ ...answer, recipient: 'An' }, by)],
  ])('%s: %s', async (_, expected, prepared) => {
    expect(await verdict(prepared)).toBe(expected);
  });

  it('names the limit', async () => {
    expect(await prepareMessenger({ ...answer, text: 'x'.repeat(2_001) }, by)).toEqual({
      kind: 'refused',
      error: { code: 'message_too_large', detail: '2001 characters, Messenger takes 2000', permanent: true },
    });
  });
});

describe("Graph's codes", () => {
  it.each([
    ['4', undefined, { code: 'too_many_requests', permanent: false }],
    ['613', undefined, { code: 'too_many_requests', permanent: false }],
    ['190', undefined, { code: 'reauthorization_needed', permanent: false }],
    ['10', undefined, { code: 'authentication_failed', permanent: false }],
    ['10', '2018278', { code: 'window_closed', permanent: true }],
    ['200', '1545041', { code: 'recipient_unreachable', permanent: true }],
    ['551', undefined, { code: 'recipient_unreachable', permanent: true }],
    ['131047', undefined, { code: 'window_closed', permanent: true }],
    ['2', undefined, 'uncertain'],
    ['constructor', 'toString', undefined],
    ['999999', undefined, undefined],
    [undefined, undefined, undefined],
  ])('%s %s means %j', (code, subcode, meaning) => {
    expect(graphMeaning(code, subcode)).toEqual(meaning);
  });
});
