export * from './attachment-store.js';
export { BrokerGate } from './broker-gate.js';
export { DurableLog } from './durable-log.js';
export { FolderStore } from './folder-store.js';
export * from './intake.js';
export * from './intake-pipeline.js';
export * from './outcome.js';
export { Spool } from './spool.js';
export { SpoolDrainer } from './spool-drainer.js';
