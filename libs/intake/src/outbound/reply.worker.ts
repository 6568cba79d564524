import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import type { ReplyRequested } from '#contracts';
import { failpoint } from '#env';
import { type BatchContext, type Consumed, ok } from '#kafka';
import { counter, type Health, type Logger } from '#observability';
import type { Database } from '#postgres';
import type { Claimed, OutboundRepository, Transition } from './outbound.repository.js';
import type { ReplySender, SendOutcome } from './reply-sender.js';
import { WakeableLoop } from './wakeable-loop.js';

interface ReplyWorkerParts {
  /** This replica's name, kept beside what it claims. */
  readonly instance: string;
  readonly database: Database;
  readonly outbound: OutboundRepository;
  readonly sender: ReplySender;
  readonly health: Health;
  readonly logger: Logger;
}

/** A claim older than this by our own clock is given back unsent: another replica may have given it up. */
const claimLifeMs = 30_000;
const staleMs = 5 * 60_000;
const giveUpAfterMs = 24 * 3_600_000;
/** A provider that wants more is asked again after it: what it says of one reply may not hold for all. */
const longestPauseMs = 3_600_000;
const pollMs = 1_000;
const resolveEveryMs = 30_000;
const parallel = 4;

const outcomes = counter({
  name: 'phanhoi_replies_sent_total',
  help: 'Attempts to send a reply, by what became of them',
  labelNames: ['outcome'],
});

/** Claim, send, say what became of it. Any replica works; the rows decide who sends what. */
export class ReplyWorker implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly stopping = new AbortController();
  private running: Promise<unknown> = Promise.resolve();
  private readonly sending = new Set<Promise<void>>();
  private sendingLoop: WakeableLoop | undefined;
  private doubtLoop: WakeableLoop | undefined;

  constructor(private readonly parts: ReplyWorkerParts) {}

  /** Requests for replies only enter the queue; their ids make a redelivery harmless. */
  async enqueue(batch: readonly Consumed<ReplyRequested>[], context: BatchContext): Promise<void> {
    await this.parts.database.transaction(async (tx) => {
      await this.parts.outbound.insert(
        tx,
        batch.map(({ data }) => ({ ...data, kind: 'reply' })),
      );
      tx.afterCommit(() => this.wake());
      await context.settle(batch.map(() => ok));
    });
  }

  onApplicationBootstrap(): void {
    const { health, logger, instance } = this.parts;
    const loop = { watch: health.loop('replies'), logger, stopping: this.stopping.signal };
    let isFresh = true;
    this.sendingLoop = new WakeableLoop(loop, async () => {
      // What stands as sending under our name was being sent by the process before us: told before the first claim of our own.
      if (isFresh) await this.parts.outbound.giveUpStale({ olderThanMs: staleMs, holder: instance });
      isFresh = false;
      return await this.dispatch();
    });
    this.doubtLoop = new WakeableLoop(loop, async () => {
      await this.parts.outbound.giveUpStale({ olderThanMs: staleMs });
      await this.resolveUncertain();
      return resolveEveryMs;
    });
    this.running = Promise.all([this.sendingLoop.run(), this.doubtLoop.run()]);
  }

  async onModuleDestroy(): Promise<void> {
    this.stopping.abort();
    await this.running;
    await Promise.all(this.sending);
    this.parts.sender.close?.();
  }

  /** There is something new to send. */
  wake(): void {
    this.sendingLoop?.wake();
  }

  /** Claims one and lets it be sent beside others. An account that is held back is waited for no longer than it is held. */
  private async dispatch(): Promise<number> {
    if (this.sending.size >= parallel) await Promise.race(this.sending);
    const claimed = await this.parts.outbound.claim(this.parts.instance);
    if (claimed === undefined) return Math.min(pollMs, Math.ceil((await this.parts.outbound.heldForMs()) ?? pollMs));
    const since = performance.now();
    failpoint('reply_claimed');
    const work: Promise<void> = this.process(claimed, since)
      .catch((error: unknown) => {
        // The row stays as it is; after five minutes any replica calls it uncertain.
        this.parts.logger.error({ err: error, replyId: claimed.id }, 'what became of a reply could not be written');
      })
      .finally(() => this.sending.delete(work));
    this.sending.add(work);
    return 0;
  }

  private async process(claimed: Claimed, since: number): Promise<void> {
    try {
      const transition = await this.send(claimed, since);
      failpoint('reply_sent');
      await this.record(claimed, transition);
    } finally {
      this.parts.sender.forget?.(claimed.outgoing);
    }
    // Another of this conversation may have waited for this one.
    this.wake();
  }

  private async send(claimed: Claimed, since: number): Promise<Transition> {
    try {
      const prepared = await this.parts.sender.prepare(claimed.outgoing);
      if (prepared.kind === 'refused') return { to: 'failed', error: prepared.error };
      if (performance.now() - since > claimLifeMs) {
        return { to: 'requested', retryAt: new Date(), error: { code: 'claim_expired', permanent: false } };
      }
      const outcome = await prepared.send();
      outcomes.inc({ outcome: outcome.kind });
      const messageId = (outcome.kind === 'sent' ? outcome.messageId : undefined) ?? prepared.messageId;
      return { ...transitionOf(outcome, claimed), ...(messageId === undefined ? {} : { messageId }) };
    } catch (error) {
      // Sending itself never rejects: this is the store or the composer, and nothing has left.
      this.parts.logger.warn({ err: error, replyId: claimed.id }, 'a reply could not be prepared');
      const detail = (error as Error).message.slice(0, 500);
      return transitionOf({ kind: 'not_sent', code: 'message_rejected', permanent: false, detail }, claimed);
    }
  }

  /** What happened must be written down; while the database is away it is tried until the claim would be given up by others. */
  private async record(claimed: Claimed, transition: Transition): Promise<void> {
    for (const until = performance.now() + staleMs; ; ) {
      try {
        await this.parts.outbound.move(claimed.id, transition, { attempt: claimed.attempt });
        break;
      } catch (error) {
        if (performance.now() > until || this.stopping.signal.aborted) throw error;
        this.parts.logger.warn(
          { err: error, replyId: claimed.id },
          'the state of a reply could not be written, trying again',
        );
        await delay(1_000);
      }
    }
    if (transition.to === 'uncertain') this.doubtLoop?.wake();
    if (transition.to === 'sent') await this.parts.sender.afterSent?.(claimed.outgoing);
  }

  private async resolveUncertain(): Promise<void> {
    const uncertain = await this.parts.outbound.listUncertain();
    if (uncertain.length === 0) return;
    await this.parts.outbound.confirmSent(await this.parts.sender.findSent(uncertain.map(({ outgoing }) => outgoing)));
  }
}

function transitionOf(outcome: SendOutcome, claimed: Claimed): Transition {
  switch (outcome.kind) {
    case 'sent':
      return { to: 'sent' };
    case 'uncertain':
      return { to: 'uncertain', error: { code: 'no_answer', detail: outcome.detail, permanent: false } };
    case 'not_sent': {
      const error = { code: outcome.code, detail: outcome.detail, permanent: outcome.permanent };
      const tooOld = Date.now() - claimed.createdAt.getTime() > giveUpAfterMs;
      if (outcome.permanent || tooOld) return { to: 'failed', error };
      const waitMs = outcome.retryAfterMs ?? backoffMs(claimed.attempt);
      const isAskedTo = outcome.retryAfterMs !== undefined || outcome.code === 'too_many_requests';
      const pauseUntil = new Date(Date.now() + Math.min(waitMs, longestPauseMs));
      return { to: 'requested', error, retryAt: new Date(Date.now() + waitMs), ...(isAskedTo ? { pauseUntil } : {}) };
    }
  }
}

function backoffMs(attempt: number): number {
  return Math.min(5_000 * 2 ** Math.min(attempt - 1, 10), 30 * 60_000);
}
