// The stock ticketing consumer: NestJS on its own Kafka transport, one message at a time, TypeORM repositories in one transaction a message,
// as the framework's documentation teaches. It writes the rows that ours writes for the same event: same tables, same indexes.
import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventPattern, type MicroserviceOptions, Payload, Transport } from '@nestjs/microservices';
import { InjectDataSource, TypeOrmModule } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import type { FeedbackReceived } from '#contracts';
import { Customer, Identity } from '../../apps/ticketing/src/store/customer.entity.js';
import { entities } from '../../apps/ticketing/src/store/entities.js';
import { TimelineEntry } from '../../apps/ticketing/src/store/history.entity.js';
import { Message } from '../../apps/ticketing/src/store/message.entity.js';
import { Conversation, MailReference } from '../../apps/ticketing/src/store/thread.entity.js';
import { Ticket } from '../../apps/ticketing/src/store/ticket.entity.js';
import { SearchBacklog } from '../../apps/ticketing/src/store/upkeep.entity.js';
import { mailReferenceKey } from './mail-reference-key.js';
import { InboxRow, OutboxRow } from './standard-tables.entity.js';

@Controller()
class FeedbackController {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  @EventPattern('feedback.received.v1')
  async received(@Payload() event: FeedbackReceived): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      if ((await manager.findOneBy(InboxRow, { eventId: event.id })) !== null) return;
      await manager.insert(InboxRow, { eventId: event.id });
      const identity = await this.identity(manager, event);
      const parent =
        event.thread.inReplyTo === undefined
          ? null
          : await manager.findOneBy(MailReference, { key: mailReferenceKey(event.thread.inReplyTo) });
      const ticket =
        (parent?.ticketId ? await manager.findOneBy(Ticket, { id: parent.ticketId }) : null) ??
        (await this.open(manager, event, identity));
      await this.append(manager, event, ticket, identity);
    });
  }

  private async identity(manager: EntityManager, event: FeedbackReceived): Promise<Identity> {
    const { kind, value } = event.author.identity ?? { kind: 'email' as const, value: event.id };
    const known = await manager.findOneBy(Identity, { kind, value });
    if (known !== null) return known;
    const at = new Date();
    const customer = await manager.save(
      manager.create(Customer, {
        id: randomUUID(),
        name: event.author.displayName ?? null,
        createdAt: at,
        updatedAt: at,
      }),
    );
    return manager.save(
      manager.create(Identity, {
        id: randomUUID(),
        kind,
        value,
        customerId: customer.id,
        displayName: event.author.displayName ?? null,
        verified: event.author.verified,
        createdAt: at,
      }),
    );
  }

  private async open(manager: EntityManager, event: FeedbackReceived, identity: Identity): Promise<Ticket> {
    const [{ number }] = await manager.query<[{ number: string }]>("select nextval('ticket_numbers') as number");
    const id = randomUUID();
    await manager.save(
      manager.create(Conversation, {
        key: event.conversationKey,
        channel: event.channel,
        account: event.account,
        ticketId: id,
      }),
    );
    const at = new Date();
    return manager.save(
      manager.create(Ticket, {
        id,
        number: Number(number),
        status: 'new',
        priority: 'normal',
        subject: event.subject ?? null,
        channel: event.channel,
        account: event.account,
        conversationKey: event.conversationKey,
        customerId: identity.customerId,
        identityId: identity.id,
        participants: [identity.value],
        sequence: 0,
        acknowledged: true,
        openedAt: new Date(event.occurredAt),
        createdAt: at,
        updatedAt: at,
      }),
    );
  }

  private async append(
    manager: EntityManager,
    event: FeedbackReceived,
    ticket: Ticket,
    identity: Identity,
  ): Promise<void> {
    const opens = ticket.sequence === 0;
    const message = await manager.save(this.message(manager, event, ticket, identity));
    await manager.save(
      manager.create(MailReference, {
        key: mailReferenceKey(event.provider.messageId),
        ticketId: ticket.id,
        messageId: message.id,
      }),
    );
    const facts = opens ? ['opened', 'message_added', 'reply_requested', 'message_added'] : ['message_added'];
    for (const type of facts) {
      ticket.sequence += 1;
      const fact = {
        id: randomUUID(),
        ticketId: ticket.id,
        number: ticket.number,
        sequence: ticket.sequence,
        at: event.occurredAt,
        type,
      };
      await manager.save(manager.create(OutboxRow, outboxRow('ticket.changed.v1', ticket.id, fact)));
    }
    if (opens) {
      const answer = manager.create(Message, {
        ...message,
        id: randomUUID(),
        direction: 'outbound',
        automatic: true,
        state: 'requested',
      });
      await manager.save(answer);
      await manager.save(
        manager.create(
          OutboxRow,
          outboxRow('reply.requested.v1.email', answer.id, { id: answer.id, text: answer.text }),
        ),
      );
    }
    await manager.save(
      manager.create(TimelineEntry, { ticketId: ticket.id, sequence: ticket.sequence, facts, createdAt: new Date() }),
    );
    await manager.save(
      manager.create(SearchBacklog, { ticketIds: [ticket.id], messageIds: [message.id], createdAt: new Date() }),
    );
    ticket.updatedAt = new Date();
    await manager.save(ticket);
  }

  private message(manager: EntityManager, event: FeedbackReceived, ticket: Ticket, identity: Identity): Message {
    return manager.create(Message, {
      id: event.id,
      ticketId: ticket.id,
      direction: 'inbound',
      kind: event.kind,
      automatic: false,
      channel: event.channel,
      account: event.account,
      identityId: identity.id,
      authorName: event.author.displayName ?? null,
      verified: event.author.verified,
      providerMessageId: event.provider.messageId,
      subject: event.subject ?? null,
      text: event.text,
      recipients: event.recipients,
      attachments: event.attachments,
      signals: event.signals,
      raw: event.raw,
      thread: event.thread,
      occurredAt: new Date(event.occurredAt),
      receivedAt: new Date(event.receivedAt),
    });
  }
}

function outboxRow(topic: string, key: string, data: object): Partial<OutboxRow> {
  return { topic, key, partitionKey: key, headers: { ce_type: topic }, value: Buffer.from(JSON.stringify(data)) };
}

@Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'postgres',
      url: process.env.DATABASE_URL ?? '',
      entities: [...entities, InboxRow, OutboxRow],
      poolSize: 10,
    }),
  ],
  controllers: [FeedbackController],
})
class AppModule {}

const app = await NestFactory.createMicroservice<MicroserviceOptions>(AppModule, {
  transport: Transport.KAFKA,
  logger: ['error'],
  options: {
    client: { brokers: (process.env.KAFKA_BROKERS ?? '').split(','), logLevel: 1 },
    consumer: { groupId: 'stock-consumer' },
    subscribe: { fromBeginning: true },
  },
});
await app.listen();
