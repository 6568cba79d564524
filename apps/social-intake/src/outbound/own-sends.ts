import type { OutboundRepository, Transition } from '#intake';
import { counter } from '#observability';
import type { Receipt } from '../normalize/reading.js';
import type { EchoPlace, OwnSendRepository } from '../store/own-send.repository.js';

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
    if ((await this.repository.findByMessageId(echo.messageId)) !== undefined) return 'ours';
    const unsettled = await this.repository.listUnsettled(echo);
    const same = unsettled.find(({ text }) => inOneLine(text) === inOneLine(echo.text));
    if (same !== undefined) {
      await this.outbound.move(same.id, { to: 'sent', messageId: echo.messageId });
      return 'ours';
    }
    return unsettled.some(({ isRecent }) => isRecent) ? 'undecided' : 'foreign';
  }

  /** Receipts come twice, in any order, and before our own call has returned. */
  async apply({ replyId, messageId, to, error }: Receipt): Promise<void> {
    const id = replyId ?? (messageId === undefined ? undefined : await this.repository.findByMessageId(messageId));
    if (id === undefined) {
      receipts.inc({ result: 'unknown' });
      return;
    }
    const named = messageId === undefined ? {} : { messageId };
    // Delivered proves sent: the network's word may overtake our own.
    if (to === 'delivered' || to === 'read') await this.outbound.move(id, { to: 'sent', ...named });
    const transition: Transition = { to, ...named, ...(error === undefined ? {} : { error }) };
    receipts.inc({ result: (await this.outbound.move(id, transition)) ? 'moved' : 'late' });
  }
}

/** Networks join and trim lines in their own ways. */
const inOneLine = (text: string) => text.normalize('NFC').replace(/\s+/g, ' ').trim();
