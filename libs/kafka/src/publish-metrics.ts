import { counter, gauge, histogram } from '#observability';

export const publishMetrics = {
  batchMessages: histogram({
    name: 'phanhoi_kafka_publish_batch_messages',
    help: 'Messages in one produce request.',
    buckets: [1, 2, 5, 10, 25, 50, 100, 250, 500],
  }),
  seconds: histogram({
    name: 'phanhoi_kafka_publish_batch_seconds',
    help: 'Time until a batch was acknowledged, retries included.',
  }),
  failures: counter({
    name: 'phanhoi_kafka_publish_failures_total',
    help: 'Attempts that failed and callers that were rejected.',
    labelNames: ['reason'] as const,
  }),
  inFlightBytes: gauge({
    name: 'phanhoi_kafka_publish_in_flight_bytes',
    help: 'Bytes of messages that wait for their acknowledgement.',
  }),
  available: gauge({
    name: 'phanhoi_kafka_publisher_available',
    help: '1 while the broker acknowledges, 0 after three failures in a row.',
  }),
};
