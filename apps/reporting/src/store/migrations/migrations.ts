import { FactsAndRollups1795305600000 } from './1795305600000-facts-and-rollups.js';
import { Ledger1795392000000 } from './1795392000000-ledger.js';
import { Quarantine1795395600000 } from './1795395600000-quarantine.js';

/** In the order in which they run. */
export const migrations = [FactsAndRollups1795305600000, Ledger1795392000000, Quarantine1795395600000];
