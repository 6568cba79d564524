import { FactsAndRollups1795305600000 } from './1795305600000-facts-and-rollups.js';
import { Ledger1795392000000 } from './1795392000000-ledger.js';
import { Quarantine1795395600000 } from './1795395600000-quarantine.js';
import { LetterOrigins1796100000000 } from './1796100000000-letter-origins.js';
import { LedgerQuarters1796110000000 } from './1796110000000-ledger-quarters.js';

/** In the order in which they run. */
export const migrations = [
  FactsAndRollups1795305600000,
  Ledger1795392000000,
  Quarantine1795395600000,
  LetterOrigins1796100000000,
  LedgerQuarters1796110000000,
];
