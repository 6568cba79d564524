import { type Channel, eventLimits, type ReplyRequested } from '#contracts';
import type { AnswerGround, Contact, LastWord } from './answer-ground.js';

/** The headers by which a mail joins those before it. */
export function mailThread(answered: AnswerGround['mail']): ReplyRequested['thread'] {
  if (answered === null) return { references: [] };
  const { messageId, references } = answered;
  const chain = [...references.filter((known) => known !== messageId), messageId];
  return { inReplyTo: messageId, references: chain.slice(-eventLimits.references) };
}

/** What the network is told to go on from: a word on this ticket. Of another matter only the conversation is named. */
export function networkThread(
  { contact, channel, account }: { readonly contact: Contact; readonly channel: Channel; readonly account: string },
  words: readonly LastWord[],
): ReplyRequested['thread'] {
  const [word] = words
    .filter((one) => one.identityId === contact.id && one.channel === channel && one.account === account)
    .sort((a, b) => Number(b.onTicket) - Number(a.onTicket) || b.at.getTime() - a.at.getTime());
  const messageId = word?.onTicket === true ? word.messageId : null;
  return {
    references: [],
    ...(messageId === null ? {} : { inReplyTo: messageId }),
    ...(word === undefined || word.conversationId === null ? {} : { providerConversationId: word.conversationId }),
  };
}
