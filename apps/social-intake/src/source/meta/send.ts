import { type FileRules, instagramFiles, messengerFiles, takesNoFiles } from '#contracts';
import type { Prepared } from '#intake';
import { idIn } from '../../normalize/json.js';
import { type Answer, isOlderThan, refused, tooLong, windowClosed } from '../answer.js';
import { fittingFiles, isRefusal, noFiles } from '../answer-files.js';
import { sendInParts } from '../parts.js';
import { type Graph, postToGraph } from './graph.js';
import { ownMark, partMark } from './own-mark.js';
import { messageWithFile, type MetaFileType } from './send-files.js';

/** How an account answers, beside the Graph API that it does so by. */
export interface MetaAnswering extends Graph {
  /** The page, account or number that messages leave from. */
  readonly sender: string;
  /** Comments on a page: under the comment for all to see, or as a message to its author. */
  readonly comments: 'public' | 'private';
  /** WhatsApp: what is sent after the window; its body has one parameter, the text. */
  readonly template?: { readonly name: string; readonly language: string } | undefined;
}

export const standardHours = 24;
/** A person's answer bears the tag HUMAN_AGENT after the standard window. Source: developers.facebook.com/docs/messenger-platform/send-messages/message-tags. */
const agentHours = 7 * 24;
const limits = {
  messenger: 2_000,
  instagramBytes: 1_000,
  comment: 8_000,
  instagramComment: 300,
} as const;
export const metaId = /^[\w.:=-]{1,400}$/;

/** A message in Messenger. Source: developers.facebook.com/docs/messenger-platform/reference/send-api. */
export async function prepareMessenger(answer: Answer, by: MetaAnswering): Promise<Prepared> {
  if (answer.text.length > limits.messenger) return tooLong('Messenger', answer.text.length, limits.messenger);
  return await prepareDirect(answer, by, messengerFiles);
}

/** A message on Instagram, or an answer below a comment there. Source: developers.facebook.com/docs/instagram-platform. */
export async function prepareInstagram(answer: Answer, by: MetaAnswering): Promise<Prepared> {
  // Only comments lie under something.
  if (answer.conversationId !== undefined) {
    if (answer.files.length > 0) return noFiles(takesNoFiles.instagramComment);
    if (answer.text.length > limits.instagramComment) {
      return tooLong('Instagram', answer.text.length, limits.instagramComment, 'characters of a comment');
    }
    return prepareBelow(answer, by, 'replies');
  }
  const bytes = Buffer.byteLength(answer.text);
  if (bytes > limits.instagramBytes) return tooLong('Instagram', bytes, limits.instagramBytes, 'bytes');
  return await prepareDirect(answer, by, instagramFiles);
}

/** An answer to a comment on a page. Source: developers.facebook.com/docs/graph-api/reference/object/comments, …/private-replies. */
export function prepareComment(answer: Answer, by: MetaAnswering): Prepared {
  if (answer.files.length > 0) return noFiles(takesNoFiles.facebookComment);
  if (by.comments === 'public') {
    if (answer.text.length > limits.comment) return tooLong('Facebook', answer.text.length, limits.comment);
    return prepareBelow(answer, by, 'comments');
  }
  const comment_id = answer.inReplyTo;
  if (comment_id === undefined || !metaId.test(comment_id))
    return refused('message_rejected', 'no comment is answered');
  if (isOlderThan(answer, agentHours)) return windowClosed('Facebook (private replies)', agentHours);
  if (answer.text.length > limits.messenger) return tooLong('Messenger', answer.text.length, limits.messenger);
  const body = { recipient: { comment_id }, message: { text: answer.text, metadata: ownMark(answer.id) } };
  return messageOf(body, by);
}

async function prepareDirect(answer: Answer, by: MetaAnswering, rules: FileRules<MetaFileType>): Promise<Prepared> {
  const { recipient, text, isFromAgent, files } = answer;
  const isStandard = !isOlderThan(answer, standardHours);
  if (!isStandard && !isFromAgent) return windowClosed(rules.network, standardHours);
  if (isOlderThan(answer, agentHours)) return windowClosed(rules.network, agentHours);
  const form = isStandard ? { messaging_type: 'RESPONSE' } : { messaging_type: 'MESSAGE_TAG', tag: 'HUMAN_AGENT' };
  const head = { recipient: { id: recipient }, ...form };
  const words = { ...head, message: { text, metadata: ownMark(answer.id) } };
  if (files.length === 0) return messageOf(words, by);
  const fitting = fittingFiles(files, rules);
  if (isRefusal(fitting)) return fitting;
  const bodies: (FormData | Readonly<Record<string, unknown>>)[] = [];
  for (const [index, file] of fitting.entries()) {
    // The last message stands for the answer: the echo of one before it proves nothing of the rest.
    const isLast = text === '' && index === files.length - 1;
    bodies.push(await messageWithFile(file, head, isLast ? ownMark(answer.id) : partMark));
  }
  if (text !== '') bodies.push(words);
  return { kind: 'ready', send: () => sendInParts(bodies.map((body) => () => sendMessage(body, by))) };
}

function messageOf(body: Readonly<Record<string, unknown>>, by: MetaAnswering): Prepared {
  return { kind: 'ready', send: () => sendMessage(body, by) };
}

function sendMessage(body: FormData | Readonly<Record<string, unknown>>, by: MetaAnswering) {
  return postToGraph(by, `${by.sender}/messages`, body, (answered) => idIn(answered, 'message_id'));
}

function prepareBelow({ inReplyTo, text }: Answer, by: MetaAnswering, edge: 'comments' | 'replies'): Prepared {
  if (inReplyTo === undefined || !metaId.test(inReplyTo)) return refused('message_rejected', 'no comment is answered');
  const path = `${encodeURIComponent(inReplyTo)}/${edge}`;
  return { kind: 'ready', send: () => postToGraph(by, path, { message: text }, (body) => idIn(body, 'id')) };
}
