import { Foundation1795377600000 } from './1795377600000-foundation.js';
import { Accounts1795381200000 } from './1795381200000-accounts.js';
import { Attachments1795384800000 } from './1795384800000-attachments.js';
import { Reachability1795700000000 } from './1795700000000-reachability.js';
import { Windows1795700100000 } from './1795700100000-windows.js';
import { Calls1795700200000 } from './1795700200000-calls.js';
import { LateMedia1796000000000 } from './1796000000000-late-media.js';
import { ReroutedAnswers1796000100000 } from './1796000100000-rerouted-answers.js';
import { Uploads1796100000000 } from './1796100000000-uploads.js';

/** In order. A new migration is added at the end, never changed once it is released. */
export const migrations = [
  Foundation1795377600000,
  Accounts1795381200000,
  Attachments1795384800000,
  Reachability1795700000000,
  Windows1795700100000,
  Calls1795700200000,
  LateMedia1796000000000,
  ReroutedAnswers1796000100000,
  Uploads1796100000000,
];
