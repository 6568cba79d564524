import type { Prepared } from '#intake';
import { idIn, isObject, listIn } from '../../normalize/json.js';
import { type Answer, isOlderThan, refused, tooLong, windowClosed } from '../answer.js';
import { type Graph, postToGraph } from './graph.js';
import { ownMark } from './own-mark.js';

/** How an account answers, beside the Graph API that it does so by. */
export interface MetaAnswering extends Graph {
  /** The page, account or number that messages leave from. */
  readonly sender: string;
  /** Comments on a page: under the comment for all to see, or as a message to its author. */
  readonly comments: 'public' | 'private';
  /** WhatsApp: what is sent after the window; its body has one parameter, the text. */
  readonly template?: { readonly name: string; readonly language: string } | undefined;
}

const standardHours = 24;
/** A person's answer bears the tag HUMAN_AGENT after the standard window. Source: developers.facebook.com/docs/messenger-platform/send-messages/message-tags. */
const agentHours = 7 * 24;
const limits = {
  messenger: 2_000,
  instagramBytes: 1_000,
  comment: 8_000,
  instagramComment: 300,
  whatsApp: 4_096,
} as const;
/** Of a template's body parameter. Source: developers.facebook.com/documentation/business-messaging/whatsapp/templates, "Body". */
const maxParameter = 1_024;
const id = /^[\w.:=-]{1,400}$/;

/** A message in Messenger. Source: developers.facebook.com/docs/messenger-platform/reference/send-api. */
export function prepareMessenger(answer: Answer, by: MetaAnswering): Prepared {
  if (answer.text.length > limits.messenger) return tooLong('Messenger', answer.text.length, limits.messenger);
  return prepareDirect('Messenger', answer, by);
}

/** A message on Instagram, or an answer below a comment there. Source: developers.facebook.com/docs/instagram-platform. */
export function prepareInstagram(answer: Answer, by: MetaAnswering): Prepared {
  // Only comments lie under something.
  if (answer.conversationId !== undefined) {
    if (answer.text.length > limits.instagramComment) {
      return tooLong('Instagram', answer.text.length, limits.instagramComment, 'characters of a comment');
    }
    return prepareBelow(answer, by, 'replies');
  }
  const bytes = Buffer.byteLength(answer.text);
  if (bytes > limits.instagramBytes) return tooLong('Instagram', bytes, limits.instagramBytes, 'bytes');
  return prepareDirect('Instagram', answer, by);
}

/** An answer to a comment on a page. Source: developers.facebook.com/docs/graph-api/reference/object/comments, …/private-replies. */
export function prepareComment(answer: Answer, by: MetaAnswering): Prepared {
  if (by.comments === 'public') {
    if (answer.text.length > limits.comment) return tooLong('Facebook', answer.text.length, limits.comment);
    return prepareBelow(answer, by, 'comments');
  }
  const comment_id = answer.inReplyTo;
  if (comment_id === undefined || !id.test(comment_id)) return refused('message_rejected', 'no comment is answered');
  if (isOlderThan(answer, agentHours)) return windowClosed('Facebook (private replies)', agentHours);
  if (answer.text.length > limits.messenger) return tooLong('Messenger', answer.text.length, limits.messenger);
  const body = { recipient: { comment_id }, message: { text: answer.text, metadata: ownMark(answer.id) } };
  return messageOf(body, by);
}

/** Source: developers.facebook.com/documentation/business-messaging/whatsapp/messages/send-messages. */
export function prepareWhatsApp(answer: Answer, by: MetaAnswering): Prepared {
  const { text, recipient, inReplyTo, id: replyId } = answer;
  if (!/^\d{5,20}$/.test(recipient)) return refused('recipient_rejected', 'the recipient is no number on WhatsApp');
  const head = {
    messaging_product: 'whatsapp',
    recipient_type: 'individual',
    to: recipient,
    biz_opaque_callback_data: replyId,
  };
  const path = `${by.sender}/messages`;
  const send = (content: Readonly<Record<string, unknown>>): Prepared => ({
    kind: 'ready',
    send: () =>
      postToGraph(by, path, { ...head, ...content }, (body) => idIn(listIn(body, 'messages').find(isObject), 'id')),
  });
  if (!isOlderThan(answer, standardHours)) {
    if (text.length > limits.whatsApp) return tooLong('WhatsApp', text.length, limits.whatsApp);
    const context = inReplyTo !== undefined && id.test(inReplyTo) ? { context: { message_id: inReplyTo } } : {};
    return send({ ...context, type: 'text', text: { body: text, preview_url: false } });
  }
  if (by.template === undefined) return windowClosed('WhatsApp (the account has no template)', standardHours);
  // A parameter holds no line breaks, tabs, or rows of blanks.
  const line = text.trim().replace(/\s+/g, ' ');
  if (line.length > maxParameter) return tooLong('WhatsApp', line.length, maxParameter, 'characters in a template');
  const { name, language } = by.template;
  const components = [{ type: 'body', parameters: [{ type: 'text', text: line }] }];
  return send({ type: 'template', template: { name, language: { code: language }, components } });
}

function prepareDirect(network: string, answer: Answer, by: MetaAnswering): Prepared {
  const { recipient, text, isFromAgent } = answer;
  const head = { recipient: { id: recipient }, message: { text, metadata: ownMark(answer.id) } };
  if (!isOlderThan(answer, standardHours)) return messageOf({ ...head, messaging_type: 'RESPONSE' }, by);
  if (!isFromAgent) return windowClosed(network, standardHours);
  if (isOlderThan(answer, agentHours)) return windowClosed(network, agentHours);
  return messageOf({ ...head, messaging_type: 'MESSAGE_TAG', tag: 'HUMAN_AGENT' }, by);
}

function messageOf(body: Readonly<Record<string, unknown>>, by: MetaAnswering): Prepared {
  return {
    kind: 'ready',
    send: () => postToGraph(by, `${by.sender}/messages`, body, (answered) => idIn(answered, 'message_id')),
  };
}

function prepareBelow({ inReplyTo, text }: Answer, by: MetaAnswering, edge: 'comments' | 'replies'): Prepared {
  if (inReplyTo === undefined || !id.test(inReplyTo)) return refused('message_rejected', 'no comment is answered');
  const path = `${encodeURIComponent(inReplyTo)}/${edge}`;
  return { kind: 'ready', send: () => postToGraph(by, path, { message: text }, (body) => idIn(body, 'id')) };
}
