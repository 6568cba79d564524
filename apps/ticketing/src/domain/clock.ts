import { randomUUID } from 'node:crypto';

/** Time and new ids, passed in so that decisions are functions of their input. */
export interface Clock {
  readonly now: Date;
  newId(): string;
}

let lastMs = 0;
let counter = 0;

/** UUID version 7: rises within a process, so that rows of one batch lie side by side in their index. Source: RFC 9562, 5.7. */
export function newSortableId(nowMs: number): string {
  if (nowMs > lastMs) {
    lastMs = nowMs;
    counter = 0;
  } else if (++counter > 0xfff) {
    lastMs += 1;
    counter = 0;
  }
  const time = lastMs.toString(16).padStart(12, '0');
  const order = counter.toString(16).padStart(3, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${order}-${randomUUID().slice(19)}`;
}

/** One reading of the wall clock for a whole decision. */
export function systemClock(now = new Date()): Clock {
  const nowMs = now.getTime();
  return { now, newId: () => newSortableId(nowMs) };
}
