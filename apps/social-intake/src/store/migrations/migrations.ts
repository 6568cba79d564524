import { SpoolAndUpdates1795392000000 } from './1795392000000-spool-and-updates.js';
import { Answers1795700000000 } from './1795700000000-answers.js';
import { PaceOfSending1795900000000 } from './1795900000000-pace-of-sending.js';
import { Receipts1796000000000 } from './1796000000000-receipts.js';
import { LateMedia1796100000000 } from './1796100000000-late-media.js';
import { PresenceOfRuns1796200000000 } from './1796200000000-presence-of-runs.js';

/** In order; a released one never changes. */
export const migrations = [
  SpoolAndUpdates1795392000000,
  Answers1795700000000,
  PaceOfSending1795900000000,
  Receipts1796000000000,
  LateMedia1796100000000,
  PresenceOfRuns1796200000000,
];
