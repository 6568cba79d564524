import { Foundation1795377600000 } from './1795377600000-foundation.js';

/** In order. A new migration is added at the end, never changed once it is released. */
export const migrations = [Foundation1795377600000];
