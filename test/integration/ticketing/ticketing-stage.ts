import {
  decode,
  contracts,
  deliveryEventId,
  type FeedbackReceived,
  type ReplyDelivery,
  type ReplyFamily,
  type TicketChanged,
  topics,
} from '#contracts';
import type { BatchContext, Consumed, Outcome } from '#kafka';
import { testDatabase, type TestDatabase } from '#testing';
import { AcknowledgementBrake } from '../../../apps/ticketing/src/consume/acknowledgement-brake.js';
import type { ConsumeRules } from '../../../apps/ticketing/src/consume/consume-rules.js';
import { DeliveryHandler } from '../../../apps/ticketing/src/consume/delivery.handler.js';
import { ErasedReturns } from '../../../apps/ticketing/src/consume/erased-returns.js';
import { FeedbackBatch } from '../../../apps/ticketing/src/consume/feedback.batch.js';
import { FeedbackHandler } from '../../../apps/ticketing/src/consume/feedback.handler.js';
import { FeedbackLoader } from '../../../apps/ticketing/src/consume/feedback.loader.js';
import { TicketNumbers } from '../../../apps/ticketing/src/consume/ticket-numbers.js';
import { AcknowledgementBrakeStore } from '../../../apps/ticketing/src/store/acknowledgement-brake.js';
import type { AnswerWay } from '../../../apps/ticketing/src/domain/answer-route.js';
import { DeliveryStore } from '../../../apps/ticketing/src/store/delivery.store.js';
import { entities } from '../../../apps/ticketing/src/store/entities.js';
import { FeedbackStore } from '../../../apps/ticketing/src/store/feedback.store.js';
import { migrations } from '../../../apps/ticketing/src/store/migrations/migrations.js';
import { OutboxWaker } from '../../../apps/ticketing/src/store/outbox-waker.js';
import { TicketStore } from '../../../apps/ticketing/src/store/ticket.store.js';
import { TicketUnit } from '../../../apps/ticketing/src/store/ticket-unit.js';

export const threadSecret = 'test-thread-secret-test-thread-secret';

export const rules: ConsumeRules = {
  secrets: [threadSecret],
  prefix: 'PH',
  acknowledgement: {
    enabled: true,
    channels: new Set(['email']),
    quiet: { from: 0, to: 0, zone: 'UTC', holidays: new Set() },
    formAccount: 'support',
    defaultLanguage: 'vi',
  },
  whatsappTemplates: false,
  acknowledgementsPerMinute: 60,
};

/** A record as the consumer hands it over. */
function asRecord<Data extends object>(id: string, data: Data): Consumed<Data> {
  return { id, data, topic: 'test', partition: 0, offset: '0', timestamp: 0, key: id, headers: {}, bytes: null };
}

/** Ticketing's consumers on a real database, without a broker: what would be published lies in the outbox. */
export class TicketingStage {
  readonly waker = new OutboxWaker();
  readonly unit: TicketUnit;
  private readonly feedback: FeedbackHandler;
  private readonly deliveries: DeliveryHandler;

  private constructor(
    readonly db: TestDatabase,
    used: ConsumeRules,
  ) {
    const { database } = db;
    const store = new FeedbackStore();
    const tickets = new TicketStore();
    const loader = new FeedbackLoader(used, store, tickets, new TicketNumbers(store));
    const brake = new AcknowledgementBrake(new AcknowledgementBrakeStore(database), used);
    const batch = new FeedbackBatch(used, loader, store, tickets, brake, new ErasedReturns(store));
    this.feedback = new FeedbackHandler(database, batch, this.waker);
    this.deliveries = new DeliveryHandler(database, new DeliveryStore(), tickets, this.waker, used);
    this.unit = new TicketUnit(database, tickets, this.waker, used.prefix);
  }

  static async open(used: ConsumeRules = rules): Promise<TicketingStage> {
    return new TicketingStage(await testDatabase({ schema: 'ticketing', migrations, entities, poolSize: 20 }), used);
  }

  /** Another replica on the same database. */
  replica(used: ConsumeRules = rules): TicketingStage {
    return new TicketingStage(this.db, used);
  }

  /** Empties every table, for the next test on the same database. */
  async reset(): Promise<void> {
    const tables = await this.rows<{ name: string }>(
      `select tablename as name from pg_tables where schemaname = 'ticketing' and tablename <> 'migrations'`,
    );
    await this.rows(`truncate ${tables.map(({ name }) => name).join(', ')}; alter sequence ticket_numbers restart`);
  }

  async close(): Promise<void> {
    await this.db.close();
  }

  async receive(...events: readonly FeedbackReceived[]): Promise<string[]> {
    return this.run((context) =>
      this.feedback.consume(
        events.map((event) => asRecord(event.id, event)),
        context,
      ),
    );
  }

  async deliver(...deliveries: readonly ReplyDelivery[]): Promise<string[]> {
    return this.run((context) =>
      this.deliveries.consume(
        deliveries.map((data) => asRecord(deliveryEventId(data.replyId, data.attempt, data.state), data)),
        context,
      ),
    );
  }

  private async run(consume: (context: BatchContext) => Promise<void>): Promise<string[]> {
    let settled: readonly Outcome[] = [];
    const settle = async (outcomes: readonly Outcome[]) => {
      settled = outcomes;
    };
    await consume({ settle, heartbeat: async () => undefined, rebalancing: false });
    return settled.map((outcome) => (outcome.kind === 'ok' ? 'ok' : `${outcome.kind} ${outcome.reason}`));
  }

  async rows<Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return this.db.dataSource.query<Row[]>(text, [...values]);
  }

  async tickets() {
    return this.rows<{
      id: string;
      number: number;
      status: string;
      sequence: number;
      mergedInto: string | null;
      messages: number;
      followUpOf: string | null;
    }>(
      `select id, number, status, sequence, merged_into as "mergedInto", follow_up_of as "followUpOf",
              (select count(*)::integer from messages where ticket_id = tickets.id and direction = 'inbound') as messages
       from tickets order by number`,
    );
  }

  /** Every fact in the outbox that the contract accepts, in the order of the outbox. */
  async facts(ticketId?: string): Promise<TicketChanged[]> {
    const rows = await this.rows<{ headers: Record<string, string>; value: Buffer }>(
      `select headers, value from outbox where topic = 'ticket.changed.v1' and ($1::text is null or key = $1) order by id`,
      [ticketId ?? null],
    );
    return rows.map(({ headers, value }) => {
      const decoded = decode(contracts.ticketChanged, { headers, value });
      if (!decoded.ok) throw new Error(`a fact breaks its contract: ${decoded.reason} ${decoded.detail}`);
      return decoded.data as TicketChanged;
    });
  }

  async factTypes(ticketId?: string): Promise<string[]> {
    return (await this.facts(ticketId)).map(({ type }) => type);
  }

  async requestedReplies(family: ReplyFamily = 'email') {
    const rows = await this.rows<{ headers: Record<string, string>; value: Buffer }>(
      `select headers, value from outbox where topic = $1 order by id`,
      [topics.replyRequested(family)],
    );
    return rows.map(({ headers, value }) => {
      const decoded = decode(contracts.replyRequested, { headers, value });
      if (!decoded.ok) throw new Error(`a reply breaks its contract: ${decoded.reason} ${decoded.detail}`);
      return decoded.data;
    });
  }
}

/** One database for the tests of a file, empty for each; every test is handed a replica of its own. */
export function stageOfThisFile(use: (stage: TicketingStage) => void): void {
  let stage: TicketingStage;
  beforeAll(async () => {
    stage = await TicketingStage.open();
  });
  // Numbers in hand belong to the sequence of the test before.
  beforeEach(() => use(stage.replica()));
  afterEach(() => stage.reset());
  afterAll(() => stage.close());
}

/** The way of an answer by mail. */
export function byMail(to: { readonly id: string; readonly value: string }): AnswerWay {
  const { id, value } = to;
  return {
    channel: 'email',
    account: 'support',
    to: { id, kind: 'email', value },
    thread: { references: [] },
    customerWroteAt: null,
  };
}

export const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
export const person = (name: string) => ({
  identity: { kind: 'email' as const, value: `${name}@truong.example` },
  displayName: name,
  verified: true,
});
export const answering = (parent: { provider: { messageId: string } }) => ({
  inReplyTo: parent.provider.messageId,
  references: [parent.provider.messageId],
  hints: [],
});
