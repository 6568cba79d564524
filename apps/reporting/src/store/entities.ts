import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/*
 * The tables as TypeORM sees them: the check of migrations compares both. The consuming path and the reports use
 * set-based SQL, never these classes.
 */

@Entity('feedback')
@Index('feedback_at', ['at', 'eventId'], { where: 'counted' })
class FeedbackEntity {
  @PrimaryColumn('uuid', { name: 'event_id', primaryKeyConstraintName: 'feedback_pkey' }) eventId: string;
  @Column('timestamptz') at: Date;
  @Column('text') channel: string;
  @Column('text') account: string;
  @Column('boolean') automatic: boolean;
  @Column('boolean') counted: boolean;
}

@Entity('ticket_progress')
class TicketProgressEntity {
  @PrimaryColumn('uuid', { name: 'ticket_id', primaryKeyConstraintName: 'ticket_progress_pkey' }) ticketId: string;
  @Column('integer', { name: 'last_sequence' }) lastSequence: number;
}

@Entity('fact')
@Index('fact_reply', ['replyId'], { where: 'reply_id is not null' })
class FactEntity {
  @PrimaryColumn('bigint', {
    generated: 'identity',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'fact_pkey',
  })
  id: string;
  @PrimaryColumn('smallint', { primaryKeyConstraintName: 'fact_pkey' }) measure: number;
  @PrimaryColumn('timestamptz', { primaryKeyConstraintName: 'fact_pkey' }) at: Date;
  @Column('smallint') weight: number;
  @Column('smallint', { name: 'backlog_change' }) backlogChange: number;
  @Column('smallint') bin: number;
  @Column('integer') sequence: number;
  @Column('bigint') milliseconds: string;
  @Column('uuid', { name: 'ticket_id' }) ticketId: string;
  @Column('uuid', { name: 'reply_id', nullable: true }) replyId: string | null;
  @Column('boolean', { name: 'one_touch' }) oneTouch: boolean;
  @Column('boolean') transferred: boolean;
  @Column('text', { name: 'ticket_number' }) ticketNumber: string;
  @Column('text') channel: string;
  @Column('text') account: string;
  @Column('text') team: string;
  @Column('text') agent: string;
  @Column('text') category: string;
  @Column('text') priority: string;
  @Column('text') organization: string;
  @Column('text') segment: string;
}

abstract class Counted {
  @Column('integer', { default: 0 }) feedback: number;
  @Column('integer', { name: 'automatic_feedback', default: 0 }) automaticFeedback: number;
  @Column('integer', { default: 0 }) opened: number;
  @Column('integer', { default: 0 }) resolved: number;
  @Column('bigint', { name: 'resolved_ms', default: 0 }) resolvedMs: string;
  @Column('integer', { name: 'one_touch', default: 0 }) oneTouch: number;
  @Column('integer', { default: 0 }) transferred: number;
  @Column('integer', { default: 0 }) reopened: number;
  @Column('integer', { name: 'first_responses', default: 0 }) firstResponses: number;
  @Column('bigint', { name: 'first_response_ms', default: 0 }) firstResponseMs: string;
  @Column('integer', { name: 'next_responses', default: 0 }) nextResponses: number;
  @Column('bigint', { name: 'next_response_ms', default: 0 }) nextResponseMs: string;
  @Column('integer', { name: 'replies_delivered', default: 0 }) repliesDelivered: number;
  @Column('integer', { name: 'replies_failed', default: 0 }) repliesFailed: number;
  @Column('integer', { name: 'backlog_change', default: 0 }) backlogChange: number;
}

@Entity('quarter_cell')
class QuarterCellEntity extends Counted {
  @PrimaryColumn('smallint', { name: 'dimension_set', primaryKeyConstraintName: 'quarter_cell_pkey' })
  dimensionSet: number;
  @PrimaryColumn('timestamptz', { primaryKeyConstraintName: 'quarter_cell_pkey' }) bucket: Date;
  @PrimaryColumn('text', { primaryKeyConstraintName: 'quarter_cell_pkey' }) first: string;
  @PrimaryColumn('text', { primaryKeyConstraintName: 'quarter_cell_pkey' }) second: string;
}

@Entity('day_cell')
class DayCellEntity extends Counted {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'day_cell_pkey' }) zone: string;
  @PrimaryColumn('smallint', { name: 'dimension_set', primaryKeyConstraintName: 'day_cell_pkey' })
  dimensionSet: number;
  @PrimaryColumn('timestamptz', { primaryKeyConstraintName: 'day_cell_pkey' }) bucket: Date;
  @PrimaryColumn('text', { primaryKeyConstraintName: 'day_cell_pkey' }) first: string;
  @PrimaryColumn('text', { primaryKeyConstraintName: 'day_cell_pkey' }) second: string;
}

@Entity('quarter_histogram')
class QuarterHistogramEntity {
  @PrimaryColumn('smallint', { name: 'dimension_set', primaryKeyConstraintName: 'quarter_histogram_pkey' })
  dimensionSet: number;
  @PrimaryColumn('timestamptz', { primaryKeyConstraintName: 'quarter_histogram_pkey' }) bucket: Date;
  @PrimaryColumn('text', { primaryKeyConstraintName: 'quarter_histogram_pkey' }) first: string;
  @PrimaryColumn('text', { primaryKeyConstraintName: 'quarter_histogram_pkey' }) second: string;
  @PrimaryColumn('smallint', { primaryKeyConstraintName: 'quarter_histogram_pkey' }) measure: number;
  @Column('bytea') bins: Buffer;
}

@Entity('day_histogram')
class DayHistogramEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'day_histogram_pkey' }) zone: string;
  @PrimaryColumn('smallint', { name: 'dimension_set', primaryKeyConstraintName: 'day_histogram_pkey' })
  dimensionSet: number;
  @PrimaryColumn('timestamptz', { primaryKeyConstraintName: 'day_histogram_pkey' }) bucket: Date;
  @PrimaryColumn('text', { primaryKeyConstraintName: 'day_histogram_pkey' }) first: string;
  @PrimaryColumn('text', { primaryKeyConstraintName: 'day_histogram_pkey' }) second: string;
  @PrimaryColumn('smallint', { primaryKeyConstraintName: 'day_histogram_pkey' }) measure: number;
  @Column('bytea') bins: Buffer;
}

@Entity('backlog_total')
class BacklogTotalEntity {
  @PrimaryColumn('smallint', { name: 'dimension_set', primaryKeyConstraintName: 'backlog_total_pkey' })
  dimensionSet: number;
  @PrimaryColumn('text', { primaryKeyConstraintName: 'backlog_total_pkey' }) first: string;
  @PrimaryColumn('text', { primaryKeyConstraintName: 'backlog_total_pkey' }) second: string;
  @Column('bigint', { default: 0 }) stock: string;
}

@Entity('report_zone')
class ReportZoneEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'report_zone_pkey' }) zone: string;
}

@Entity('ledger_count')
class LedgerCountEntity {
  @PrimaryColumn('timestamptz', { primaryKeyConstraintName: 'ledger_count_pkey' }) minute: Date;
  @PrimaryColumn('text', { primaryKeyConstraintName: 'ledger_count_pkey' }) source: string;
  @PrimaryColumn('text', { primaryKeyConstraintName: 'ledger_count_pkey' }) app: string;
  @Column('bigint', { default: 0 }) received: string;
  @Column('bigint', { default: 0 }) published: string;
  @Column('bigint', { default: 0 }) spooled: string;
  @Column('bigint', { default: 0 }) refused: string;
  @Column('bigint', { default: 0 }) quarantined: string;
  @Column('bigint', { default: 0 }) noted: string;
  @Column('bigint', { default: 0 }) read: string;
  @Column('bigint', { default: 0 }) stored: string;
  @Column('bigint', { default: 0 }) duplicate: string;
  @Column('bigint', { default: 0 }) dropped: string;
}

@Entity('ledger_quarter')
class LedgerQuarterEntity {
  @PrimaryColumn('timestamptz', { primaryKeyConstraintName: 'ledger_quarter_pkey' }) quarter: Date;
  @PrimaryColumn('text', { primaryKeyConstraintName: 'ledger_quarter_pkey' }) source: string;
  @PrimaryColumn('text', { primaryKeyConstraintName: 'ledger_quarter_pkey' }) app: string;
  @Column('bigint', { default: 0 }) began: string;
  @Column('bigint', { default: 0 }) ended: string;
}

@Entity('ledger_run')
@Index('ledger_run_instance', ['app', 'instance', 'startedAt'])
class LedgerRunEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'ledger_run_pkey' }) run: string;
  @Column('text') app: string;
  @Column('text') instance: string;
  @Column('timestamptz', { name: 'started_at' }) startedAt: Date;
  @Column('timestamptz') until: Date;
  @Column('integer') sequence: number;
  @Column('boolean', { name: 'is_intake' }) isIntake: boolean;
  @Column('boolean', { name: 'has_ended' }) hasEnded: boolean;
  @Column('text', { array: true }) sources: string[];
  @Column('text', { array: true }) settlements: string[];
}

@Entity('ledger_reconciled')
class LedgerReconciledEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'ledger_reconciled_pkey' }) source: string;
  @PrimaryColumn('timestamptz', { name: 'span_from', primaryKeyConstraintName: 'ledger_reconciled_pkey' }) from: Date;
  @Column('timestamptz', { name: 'span_to' }) to: Date;
  @Column('bigint') fetched: string;
}

@Entity('dead_letter')
@Index('dead_letter_at', ['at', 'id', 'app'])
class DeadLetterEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'dead_letter_pkey' }) id: string;
  @PrimaryColumn('text', { primaryKeyConstraintName: 'dead_letter_pkey' }) app: string;
  @Column('timestamptz') at: Date;
  @Column('text') reason: string;
  @Column('text') step: string;
  @Column('text', { nullable: true }) channel: string | null;
  @Column('text', { nullable: true }) account: string | null;
  @Column('text', { nullable: true }) topic: string | null;
  @Column('json') letter: object;
}

@Entity('dead_letter_resolution')
class DeadLetterResolutionEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'dead_letter_resolution_pkey' }) id: string;
  @Column('timestamptz') at: Date;
  @Column('text') resolution: string;
  @Column('text', { name: 'resolved_by' }) resolvedBy: string;
  @Column('text', { nullable: true }) reason: string | null;
}

export const entities = [
  FeedbackEntity,
  TicketProgressEntity,
  FactEntity,
  QuarterCellEntity,
  DayCellEntity,
  QuarterHistogramEntity,
  DayHistogramEntity,
  BacklogTotalEntity,
  ReportZoneEntity,
  LedgerCountEntity,
  LedgerQuarterEntity,
  LedgerRunEntity,
  LedgerReconciledEntity,
  DeadLetterEntity,
  DeadLetterResolutionEntity,
];
