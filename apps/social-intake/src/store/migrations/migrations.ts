import { SpoolAndUpdates1795392000000 } from './1795392000000-spool-and-updates.js';
import { Answers1795700000000 } from './1795700000000-answers.js';

/** In order; a released one never changes. */
export const migrations = [SpoolAndUpdates1795392000000, Answers1795700000000];
