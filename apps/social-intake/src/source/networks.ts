import type { Channel } from '#contracts';
import type { NetworkOf } from './network.js';
import { line } from './line/line.js';
import { meta } from './meta/meta.js';
import { telegram } from './telegram/telegram.js';
import { zalo } from './zalo/zalo.js';

/** Every network, by the name that accounts and addresses give as provider. A new one is a folder and a line here. */
export const networks = {
  telegram,
  zalo,
  meta,
  line,
} as const satisfies Readonly<Record<string, NetworkOf>>;

const listed: readonly Channel[] = ['telegram', 'messenger', 'instagram'];
/** Channels whose network has `missed`. */
export const listedChannels: ReadonlySet<string> = new Set(listed);
