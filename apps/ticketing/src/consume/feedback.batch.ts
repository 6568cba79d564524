import { Inject, Injectable } from '@nestjs/common';
import type { FeedbackReceived, TraceHeaders } from '#contracts';
import { type Consumed, drop, type Outcome } from '#kafka';
import { claimInbox, type Transaction } from '#postgres';
import { chooseAcknowledgements, acknowledge } from '../domain/acknowledgement.js';
import { newSortableId } from '../domain/clock.js';
import { decideFeedback } from '../domain/decide-feedback.js';
import type { FeedbackWorld, IncomingFeedback } from '../domain/feedback-world.js';
import { threadMaterialOf } from '../domain/thread-material.js';
import { FeedbackStore } from '../store/feedback.store.js';
import { TicketStore } from '../store/ticket.store.js';
import { AcknowledgementBrake } from './acknowledgement-brake.js';
import { CONSUME_RULES, type ConsumeRules } from './consume-rules.js';
import { ErasedReturns } from './erased-returns.js';
import { FeedbackLoader } from './feedback.loader.js';

type Record = Consumed<FeedbackReceived>;

/** The path of a batch of feedback, top to bottom: claim, lock and load, decide, acknowledge, store. */
@Injectable()
export class FeedbackBatch {
  constructor(
    @Inject(CONSUME_RULES) private readonly rules: ConsumeRules,
    private readonly loader: FeedbackLoader,
    private readonly feedback: FeedbackStore,
    private readonly tickets: TicketStore,
    private readonly brake: AcknowledgementBrake,
    private readonly erased: ErasedReturns,
  ) {}

  /** One outcome per record, in order. `alsoHeld`: tickets that an earlier attempt found itself in need of. */
  async process(tx: Transaction, records: readonly Record[], alsoHeld: readonly string[]): Promise<Outcome[]> {
    const unclaimed = await claimInbox(
      tx,
      records.map(({ id }) => id),
    );
    // The first of several records with one id is the one that counts.
    const fresh = new Set(records.filter(({ id }) => unclaimed.delete(id.toLowerCase())));
    await this.erased.redactAgain(
      tx,
      records.filter((record) => !fresh.has(record)),
    );
    if (fresh.size === 0) return records.map(() => drop('duplicate'));

    const incoming = new Map([...fresh].map((record) => [record, this.read(record)]));
    const world = await this.loader.load(tx, [...incoming.values()], alsoHeld);
    const outcomes = records.map((record): Outcome => {
      const feedback = incoming.get(record);
      return feedback === undefined ? drop('duplicate') : decideFeedback(feedback, world);
    });
    await this.acknowledge(world);
    await this.store(tx, world);
    this.loader.giveBackNumbers(world);
    return outcomes;
  }

  private read({ data: event, headers }: Record): IncomingFeedback {
    const material = event.channel === 'email' ? threadMaterialOf(event, this.rules) : undefined;
    return { event, material, trace: traceOf(headers), proposedTicketId: newSortableId(Date.now()) };
  }

  private async acknowledge(world: FeedbackWorld): Promise<void> {
    const { acknowledgement } = this.rules;
    const chosen = chooseAcknowledgements(world, acknowledgement);
    for (const candidate of await this.brake.admit(chosen, world.work.clock.now)) {
      acknowledge(candidate, world, acknowledgement);
    }
  }

  private async store(tx: Transaction, world: FeedbackWorld): Promise<void> {
    await this.feedback.save(tx, {
      customers: [...world.customers.values()],
      conversations: [...world.touchedConversations],
      references: [...world.touchedReferences],
      now: world.work.clock.now,
    });
    await this.tickets.applyChanges(tx, world.work);
  }
}

function traceOf({ traceparent, correlationid }: Readonly<{ [name: string]: string | undefined }>): TraceHeaders {
  return {
    ...(traceparent === undefined ? {} : { traceparent }),
    ...(correlationid === undefined ? {} : { correlationid }),
  };
}
