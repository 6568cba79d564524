import { CreatePhoneTables1795600000000 } from './migrations/1795600000000-create-phone-tables.js';
import { PaceOfSending1795700000000 } from './migrations/1795700000000-pace-of-sending.js';
import { LateMedia1796100000000 } from './migrations/1796100000000-late-media.js';
import { PresenceOfRuns1796200000000 } from './migrations/1796200000000-presence-of-runs.js';

/** In their order; a released migration never changes. */
export const migrations = [
  CreatePhoneTables1795600000000,
  PaceOfSending1795700000000,
  LateMedia1796100000000,
  PresenceOfRuns1796200000000,
];
