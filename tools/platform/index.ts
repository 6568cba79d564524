export { type GreenMailOptions, type Mailbox, type RunningGreenMail, startGreenMail } from './green-mail.js';
export { ensureJars } from './jars.js';
export { type KafkaOptions, type RunningKafka, startKafka } from './kafka.js';
export { ManagedProcess } from './managed-process.js';
export { compiledServices, serviceNodeOptions } from './node-options.js';
export { PlatformError, runMain } from './platform-error.js';
export { freePort, freePorts } from './ports.js';
export { type PostgresOptions, type RunningPostgres, startPostgres } from './postgres.js';
export { until } from './until.js';
