import { SpoolAndUpdates1795392000000 } from './1795392000000-spool-and-updates.js';

/** In order; a released one never changes. */
export const migrations = [SpoolAndUpdates1795392000000];
