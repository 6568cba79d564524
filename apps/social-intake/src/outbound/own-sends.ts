import type { OutboundRepository, Transition } from '#intake';
import { counter } from '#observability';
import type { Receipt } from '../normalize/reading.js';
import type { EchoPlace, OwnSend, OwnSendRepository } from '../store/own-send.repository.js';

const receipts = counter({
  name: 'phanhoi_social_receipts_total',
  help: 'What networks said of our own messages, by what it led to',
  labelNames: ['result'],
});

/** `undecided`: an answer is under way there, and may turn out to be this. */
export type Judgement = 'ours' | 'foreign' | 'undecided';

export interface Echo extends EchoPlace {
  readonly messageId: string;
  readonly text: string;
}

/** Tells our own answers from those that colleagues write in a network's console, and moves deliveries by what networks say. */
export class OwnSends {
  constructor(
    private readonly outbound: OutboundRepository,
    private readonly repository: OwnSendRepository,
  ) {}

  /** An echo of what was uncertain is the proof that it went out. */
  async judge(echo: Echo): Promise<Judgement> {
    if ((await this.repository.findByMessageIds([echo.messageId])).length > 0) return 'ours';
    const unsettled = await this.repository.listUnsettled(echo);
    const same = unsettled.find(({ text }) => inOneLine(text) === inOneLine(echo.text));
    if (same !== undefined) {
      await this.outbound.move(same.id, { to: 'sent', messageId: echo.messageId });
      return 'ours';
    }
    return unsettled.some(({ isRecent }) => isRecent) ? 'undecided' : 'foreign';
  }

  /** Receipts come twice, in any order, and before our own call has returned. `undecided`: what it names may be under way. */
  async apply(receipt: Receipt): Promise<'applied' | 'undecided'> {
    const { messageIds = [], parties = [], until, to, error } = receipt;
    const sends = await this.sendsOf(receipt);
    for (const { replyId, messageId } of sends) {
      const named = messageId === undefined ? {} : { messageId };
      // Delivered proves sent: the network's word may overtake our own.
      if (to === 'delivered' || to === 'read') await this.outbound.move(replyId, { to: 'sent', ...named });
      const transition: Transition = { to, ...named, ...(error === undefined ? {} : { error }) };
      receipts.inc({ result: (await this.outbound.move(replyId, transition)) ? 'moved' : 'late' });
    }
    if (sends.length > 0 && sends.length >= messageIds.length) return 'applied';
    receipts.inc({ result: 'unknown' });
    return until === undefined && (await this.repository.isSendingTo(parties)) ? 'undecided' : 'applied';
  }

  private async sendsOf({ replyId, messageIds = [], until, to, parties = [] }: Receipt): Promise<readonly OwnSend[]> {
    const [messageId] = messageIds;
    if (replyId !== undefined) return [{ replyId, messageId }];
    if (messageIds.length > 0) return await this.repository.findByMessageIds(messageIds);
    if (until === undefined) return [];
    return await this.repository.listSentUntil({ parties, until: new Date(until), isRead: to === 'read' });
  }
}

/** Networks join and trim lines in their own ways. */
const inOneLine = (text: string) => text.normalize('NFC').replace(/\s+/g, ' ').trim();
