import type { NetworkOf } from './network.js';
import { telegram } from './telegram/telegram.js';

/** Every network, by the name that accounts and addresses give as provider. A new one is a folder and a line here. */
export const networks = {
  telegram,
} as const satisfies Readonly<Record<string, NetworkOf>>;
