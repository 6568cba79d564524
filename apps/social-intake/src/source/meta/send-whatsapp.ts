import { takesNoFiles, whatsAppFiles } from '#contracts';
import type { Prepared, SendOutcome } from '#intake';
import { idIn, isObject, listIn } from '../../normalize/json.js';
import { type Answer, isOlderThan, notSent, refused, tooLong, windowClosed } from '../answer.js';
import { type FittingFile, fittingFiles, isRefusal, noFiles } from '../answer-files.js';
import { sendInParts } from '../parts.js';
import { postToGraph } from './graph.js';
import { type MetaAnswering, metaId, standardHours } from './send.js';

type Content = Readonly<Record<string, unknown>>;
type WhatsAppType = 'image' | 'audio' | 'video' | 'document';

const maxText = 4_096;
/** Of the words below a file, and of a template's body parameter. Source: developers.facebook.com/documentation/business-messaging/whatsapp/templates, "Body". */
const maxCaption = 1_024;
const maxParameter = 1_024;

/** Source: developers.facebook.com/documentation/business-messaging/whatsapp/messages/send-messages. */
export async function prepareWhatsApp(answer: Answer, by: MetaAnswering): Promise<Prepared> {
  const { text, recipient, inReplyTo, id, files } = answer;
  if (!/^\d{5,20}$/.test(recipient)) return refused('recipient_rejected', 'the recipient is no number on WhatsApp');
  const head = { messaging_product: 'whatsapp', recipient_type: 'individual', to: recipient };
  const send = (content: Content) => postMessage(by, { ...head, biz_opaque_callback_data: id, ...content });
  if (isOlderThan(answer, standardHours)) return prepareTemplate(answer, by, send);
  if (text.length > maxText) return tooLong('WhatsApp', text.length, maxText);
  const context = inReplyTo !== undefined && metaId.test(inReplyTo) ? { context: { message_id: inReplyTo } } : {};
  const words = () => send({ ...context, type: 'text', text: { body: text, preview_url: false } });
  if (files.length === 0) return { kind: 'ready', send: words };
  const fitting = fittingFiles(files, whatsAppFiles);
  if (isRefusal(fitting)) return fitting;
  const uploads = await Promise.all(fitting.map(uploadOf));
  const last = fitting.at(-1);
  // A recording has no words below it.
  const hasCaption = text !== '' && text.length <= maxCaption && last?.as !== 'audio';
  const parts = uploads.map((upload, index) => async () => {
    const isLast = index === uploads.length - 1;
    const caption = isLast && hasCaption ? { caption: text } : {};
    // Only the last message stands for the answer: what becomes of one before it says nothing of the rest.
    const post =
      isLast && (hasCaption || text === '') ? send : (content: Content) => postMessage(by, { ...head, ...content });
    return await sendFile(upload, caption, by, (content) => post({ ...context, ...content }));
  });
  return { kind: 'ready', send: () => sendInParts(text === '' || hasCaption ? parts : [...parts, words]) };
}

function prepareTemplate(
  { text, files }: Answer,
  { template }: MetaAnswering,
  send: (content: Content) => Promise<SendOutcome>,
): Prepared {
  if (template === undefined) return windowClosed('WhatsApp (the account has no template)', standardHours);
  if (files.length > 0) return noFiles(takesNoFiles.whatsAppTemplate);
  // A parameter holds no line breaks, tabs, or rows of blanks.
  const line = text.trim().replace(/\s+/g, ' ');
  if (line.length > maxParameter) return tooLong('WhatsApp', line.length, maxParameter, 'characters in a template');
  const { name, language } = template;
  const components = [{ type: 'body', parameters: [{ type: 'text', text: line }] }];
  const content = { type: 'template', template: { name, language: { code: language }, components } };
  return { kind: 'ready', send: () => send(content) };
}

interface Upload {
  readonly as: WhatsAppType;
  readonly name: string;
  readonly form: FormData;
}

async function uploadOf({ file, as }: FittingFile<WhatsAppType>): Promise<Upload> {
  const form = new FormData();
  form.set('messaging_product', 'whatsapp');
  form.set('type', file.type);
  form.set('file', await file.read(), file.name);
  return { as, name: file.name, form };
}

/** An upload reaches nobody: only what follows it may be uncertain. Source: …/whatsapp/business-phone-numbers/media, "Upload media". */
async function sendFile(
  { as, name, form }: Upload,
  caption: Content,
  by: MetaAnswering,
  send: (content: Content) => Promise<SendOutcome>,
): Promise<SendOutcome> {
  const uploaded = await postToGraph(by, `${by.sender}/media`, form, (body) => idIn(body, 'id'));
  if (uploaded.kind === 'uncertain') return notSent('no_answer', uploaded.detail, { permanent: false });
  if (uploaded.kind === 'not_sent') return uploaded;
  const filename = as === 'document' ? { filename: name } : {};
  return await send({ type: as, [as]: { id: uploaded.messageId, ...filename, ...caption } });
}

function postMessage(by: MetaAnswering, body: Content): Promise<SendOutcome> {
  return postToGraph(by, `${by.sender}/messages`, body, (said) => idIn(listIn(said, 'messages').find(isObject), 'id'));
}
