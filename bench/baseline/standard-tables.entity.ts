import { Column, Entity, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';

@Entity('inbox')
export class InboxRow {
  @PrimaryColumn('uuid', { name: 'event_id' })
  eventId: string;
}

@Entity('outbox')
export class OutboxRow {
  @PrimaryGeneratedColumn('identity', { type: 'bigint' })
  id: string;
  @Column('text')
  topic: string;
  @Column('text')
  key: string;
  @Column('text', { name: 'partition_key' })
  partitionKey: string;
  @Column('jsonb')
  headers: Record<string, string>;
  @Column('bytea')
  value: Buffer;
}
