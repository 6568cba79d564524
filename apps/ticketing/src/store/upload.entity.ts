import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Account } from './account.entity.js';

/** A file that was sent for an answer that is still to be written. It goes when the answer takes it. */
@Entity({ name: 'uploads' })
@Index('uploads_created', ['createdAt'])
@Index('uploads_account', ['accountId'])
export class Upload {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'uploads_pkey' })
  id: string;
  @Column('uuid', { name: 'account_id' })
  @ForeignKey(() => Account, { onDelete: 'CASCADE', name: 'uploads_account_id' })
  accountId: string;
  /** As messages hold them. */
  @Column('json')
  attachment: unknown;
  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;
}
