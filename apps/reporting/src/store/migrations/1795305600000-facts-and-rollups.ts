import type { MigrationInterface, QueryRunner } from 'typeorm';

const counters = `
  feedback integer not null default 0,
  automatic_feedback integer not null default 0,
  opened integer not null default 0,
  resolved integer not null default 0,
  resolved_ms bigint not null default 0,
  one_touch integer not null default 0,
  transferred integer not null default 0,
  reopened integer not null default 0,
  first_responses integer not null default 0,
  first_response_ms bigint not null default 0,
  next_responses integer not null default 0,
  next_response_ms bigint not null default 0,
  replies_delivered integer not null default 0,
  replies_failed integer not null default 0,
  backlog_change integer not null default 0`;

const cellKey = `
  dimension_set smallint not null,
  bucket timestamptz not null,
  first text not null,
  second text not null`;

// Cells are updated in place with every batch: room on the page keeps the updates off the index.
const updated = 'with (fillfactor = 70)';

export class FactsAndRollups1795305600000 implements MigrationInterface {
  name = 'FactsAndRollups1795305600000';

  async up(runner: QueryRunner): Promise<void> {
    // The rows of the facts of feedback, and at the same time the inbox of their topic.
    await runner.query(`create table feedback (
      event_id uuid primary key,
      at timestamptz not null,
      channel text not null,
      account text not null,
      automatic boolean not null,
      counted boolean not null
    )`);
    await runner.query('create index feedback_at on feedback (at, event_id) where counted');
    await runner.query(`create table ticket_progress (
      ticket_id uuid primary key,
      last_sequence integer not null
    ) with (fillfactor = 90)`);
    await runner.query(`create table fact (
      id bigint generated always as identity,
      measure smallint not null,
      at timestamptz not null,
      weight smallint not null,
      backlog_change smallint not null,
      bin smallint not null,
      sequence integer not null,
      milliseconds bigint not null,
      ticket_id uuid not null,
      reply_id uuid,
      one_touch boolean not null,
      transferred boolean not null,
      ticket_number text not null,
      channel text not null,
      account text not null,
      team text not null,
      agent text not null,
      category text not null,
      priority text not null,
      organization text not null,
      segment text not null,
      primary key (measure, at, id)
    )`);
    await runner.query('create index fact_reply on fact (reply_id) where reply_id is not null');
    await runner.query(`create table quarter_cell (${cellKey}, ${counters},
      primary key (dimension_set, bucket, first, second)) ${updated}`);
    await runner.query(`create table day_cell (zone text not null, ${cellKey}, ${counters},
      primary key (zone, dimension_set, bucket, first, second)) ${updated}`);
    await runner.query(`create table quarter_histogram (${cellKey}, measure smallint not null, bins bytea not null,
      primary key (dimension_set, bucket, first, second, measure)) ${updated}`);
    await runner.query(`create table day_histogram (zone text not null, ${cellKey},
      measure smallint not null, bins bytea not null,
      primary key (zone, dimension_set, bucket, first, second, measure)) ${updated}`);
    await runner.query(`create table backlog_total (
      dimension_set smallint not null,
      first text not null,
      second text not null,
      stock bigint not null default 0,
      primary key (dimension_set, first, second)
    ) ${updated}`);
    await runner.query('create table report_zone (zone text primary key)');
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of [
      'report_zone',
      'backlog_total',
      'day_histogram',
      'quarter_histogram',
      'day_cell',
      'quarter_cell',
      'fact',
      'ticket_progress',
      'feedback',
    ]) {
      await runner.query(`drop table ${table}`);
    }
  }
}
