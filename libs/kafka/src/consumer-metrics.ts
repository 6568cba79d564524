import { counter, gauge, histogram } from '#observability';

export const consumerMetrics = {
  lag: gauge({
    name: 'phanhoi_kafka_consumer_lag',
    help: 'Records behind the end of the partition.',
    labelNames: ['topic', 'partition'] as const,
  }),
  batchSeconds: histogram({
    name: 'phanhoi_kafka_consumer_batch_seconds',
    help: 'Time of one batch of at most 500 records, retries included.',
    labelNames: ['topic'] as const,
  }),
  batchSize: histogram({
    name: 'phanhoi_kafka_consumer_batch_records',
    help: 'Records in a batch.',
    labelNames: ['topic'] as const,
    buckets: [1, 2, 5, 10, 25, 50, 100, 250, 500],
  }),
  outcomes: counter({
    name: 'phanhoi_kafka_consumer_outcomes_total',
    help: 'Events by what became of them.',
    labelNames: ['topic', 'kind', 'reason'] as const,
  }),
  retries: counter({
    name: 'phanhoi_kafka_consumer_retries_total',
    help: 'Attempts at a batch that failed, by class of the error.',
    labelNames: ['topic', 'class'] as const,
  }),
  ageSeconds: histogram({
    name: 'phanhoi_kafka_consumer_event_age_seconds',
    help: 'From the record timestamp until the batch was stored.',
    labelNames: ['topic'] as const,
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600],
  }),
  quarantined: counter({
    name: 'phanhoi_kafka_quarantined_total',
    help: 'Dead letters written.',
    labelNames: ['topic', 'reason', 'step'] as const,
  }),
  stopped: gauge({
    name: 'phanhoi_kafka_consumer_stopped',
    help: '1 once too many events were refused in a row: a bug of ours, the offset is kept, a restart with a fix resumes.',
    labelNames: ['topic'] as const,
  }),
  unwritten: gauge({
    name: 'phanhoi_kafka_dead_letters_unwritten',
    help: 'Dead letters that wait for a quarantine topic that takes them.',
    labelNames: ['topic'] as const,
  }),
};
