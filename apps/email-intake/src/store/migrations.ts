import { CreateEmailTables1763800000000 } from './migrations/1763800000000-create-email-tables.js';
import { TokenPairs1795800000000 } from './migrations/1795800000000-token-pairs.js';
import { PaceOfSending1795900000000 } from './migrations/1795900000000-pace-of-sending.js';

/** In their order; a released migration never changes. */
export const migrations = [CreateEmailTables1763800000000, TokenPairs1795800000000, PaceOfSending1795900000000];
