import { randomInt, randomUUID } from 'node:crypto';
import type { ProviderAnswer } from '../provider-server.js';
import type { ReceivedFile } from './multipart.js';

/** What somebody has received from a page, an account or a number. */
export interface MetaAnswer {
  /** The id that Meta gave it. */
  readonly id: string;
  /** Who sent: a page, an account, a number; the comment that is answered. */
  readonly from: string;
  readonly to: string;
  readonly text: string;
  /** `metadata`, or WhatsApp's `biz_opaque_callback_data`. */
  readonly metadata?: string;
  /** The tag of a message, or the name of a template. */
  readonly form?: string;
  readonly file?: ReceivedFile;
}

/** What was posted: JSON, or fields and files, where the fields of objects are JSON. */
export interface Posted {
  readonly body: unknown;
  readonly file?: ReceivedFile | undefined;
}

/** Files that WhatsApp was given before the message that names them. */
type Uploads = Map<string, ReceivedFile>;

interface DirectMessage {
  readonly recipient: { readonly id?: string; readonly comment_id?: string };
  readonly messaging_type?: string;
  readonly tag?: string;
  readonly message: { readonly text?: string; readonly metadata?: string };
}

interface WhatsAppMessage {
  readonly messaging_product: 'whatsapp';
  readonly to: string;
  readonly biz_opaque_callback_data?: string;
  readonly type?: string;
  readonly text?: { readonly body: string };
  readonly template?: {
    readonly name: string;
    readonly components: readonly { readonly parameters: readonly { readonly text: string }[] }[];
  };
}

const json = (status: number, body: object): ProviderAnswer => ({ status, body: JSON.stringify(body) });
const invalid = json(400, { error: { message: '(#100)', type: 'OAuthException', code: 100 } });

/**
 * Takes what was posted to `/{from}/{edge}`, as the documentation of each edge answers. Sources: developers.facebook.com/docs/
 * messenger-platform/reference/send-api, graph-api/reference/object/comments, whatsapp/cloud-api/reference/messages.
 */
export function takeAnswer(
  from: string,
  edge: string,
  { body: posted, file }: Posted,
  { answers, uploads }: { readonly answers: MetaAnswer[]; readonly uploads: Uploads },
): ProviderAnswer {
  const body = posted as DirectMessage | WhatsAppMessage | { readonly message: string };
  if (edge === 'media') {
    if (file === undefined || !('messaging_product' in body)) return invalid;
    const id = String(randomInt(1e12));
    uploads.set(id, file);
    return json(200, { id });
  }
  if (edge === 'comments' || edge === 'replies') {
    const { message } = body as { readonly message: string };
    const id = edge === 'comments' ? `${from.split('_')[0]}_${randomInt(1e9)}` : String(randomInt(1e9));
    answers.push({ id, from, to: from, text: message });
    return json(200, { id });
  }
  if (edge !== 'messages') return invalid;
  return 'messaging_product' in body
    ? takeWhatsApp(from, body, answers, uploads)
    : takeDirect(from, body as DirectMessage, answers, file);
}

function takeDirect(
  from: string,
  { recipient, message, tag }: DirectMessage,
  answers: MetaAnswer[],
  file: ReceivedFile | undefined,
): ProviderAnswer {
  const to = recipient.id ?? recipient.comment_id;
  const { text = '', metadata } = message;
  // Words, or a file: never both.
  if (to === undefined || (text === '') === (file === undefined) || text.length > 2_000) return invalid;
  const id = `m_${randomUUID()}`;
  answers.push({
    ...{ id, from, to, text },
    ...(file === undefined ? {} : { file }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(tag === undefined ? {} : { form: tag }),
  });
  return json(200, { recipient_id: to, message_id: id });
}

function takeWhatsApp(from: string, message: WhatsAppMessage, answers: MetaAnswer[], uploads: Uploads): ProviderAnswer {
  const { to, text, template, type = '', biz_opaque_callback_data: metadata } = message;
  const parameter = template?.components[0]?.parameters[0]?.text;
  const named = (message as unknown as Record<string, { readonly id?: string; readonly caption?: string } | undefined>)[
    type
  ];
  const file = uploads.get(named?.id ?? '');
  const said = text?.body ?? parameter ?? (file === undefined ? undefined : (named?.caption ?? ''));
  if (said === undefined || said.length > 4_096) return invalid;
  if (parameter !== undefined && /[\n\t]| {5}/.test(parameter)) return json(400, { error: { code: 132012 } });
  const id = `wamid.${randomUUID()}`;
  answers.push({
    ...{ id, from, to, text: said },
    ...(file === undefined ? {} : { file }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(template === undefined ? {} : { form: template.name }),
  });
  return json(200, {
    messaging_product: 'whatsapp',
    contacts: [{ input: to, wa_id: to }],
    messages: [{ id }],
  });
}
