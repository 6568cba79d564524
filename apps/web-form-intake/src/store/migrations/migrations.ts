import { SpoolAndKeys1795370400000 } from './1795370400000-spool-and-keys.js';

/** In order; a released one never changes. */
export const migrations = [SpoolAndKeys1795370400000];
