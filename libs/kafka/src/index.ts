export { assertOneHandlerPerTopic } from './assert-handlers.js';
export { BatchConsumer, type BatchConsumerOptions } from './batch-consumer.js';
export {
  type BatchContext,
  BatchHandler,
  type BatchMethod,
  type Consumed,
  type Decode,
  type LogRecord,
} from './batch-handler.js';
export type { ErrorClass } from './batch-runner.js';
export type { KafkaAddress } from './client.js';
export { type InputOutcome, LedgerBook, LedgerEntry } from './ledger/ledger-book.js';
export { LedgerWriter, type LedgerWriterOptions } from './ledger/ledger-writer.js';
export { OriginalReader, type OriginalReaderOptions, OriginalUnavailable } from './original-reader.js';
export { deadLetter, drop, type Outcome, ok, retry } from './outcome.js';
export { PublishError, type PublishErrorCode, publishErrorCodes } from './publish-error.js';
export { Publisher, type PublisherOptions } from './publisher.js';
export * from './quarantine-replay.js';
export { type ReadTopicOptions, readTopic } from './read-topic.js';
export { ensureTopics, TopicCheck } from './topics.js';
