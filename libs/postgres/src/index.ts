export { classifyDatabaseError, type DatabaseErrorClass, databaseErrorCode } from './classify-error.js';
export type { ConnectionSettings } from './connection-pool.js';
export { closeDataSource, createDataSource, type DataSourceSettings } from './data-source.js';
export { Database, type TransactionOptions } from './database.js';
export { claimInbox, releaseInbox } from './inbox.js';
export { type HeldLease, type KeepLeaseOptions, withLease } from './keep-lease.js';
export { Lease, LeaseLostError, type LeaseOptions } from './lease.js';
export { type MigrationSettings, migrationDrift, migrateAtStart, runMigrations } from './migrations.js';
export { appendOutbox, appendSpool, type QueueTable, readQueue } from './outbox.js';
export { OutboxRelay, type OutboxRelayOptions } from './outbox-relay.js';
export { PostgresModule } from './postgres.module.js';
export { PresenceOfRuns } from './presence-of-runs.js';
export { ensureDatabase, provisionService, type ServiceProvision } from './provision.js';
export { LateMediaTable, PaceOfSending } from './standard-migrations.js';
export {
  inboxTable,
  leaseTable,
  outboundPace,
  outboundTable,
  outboxTable,
  presenceTable,
  spoolTable,
  tokenPairTable,
} from './tables.js';
export { assertTestDatabase, testDatabaseComment, testDatabasePrefix } from './test-database-guard.js';
export { type Statement, Transaction, TransactionAbortedError } from './transaction.js';
