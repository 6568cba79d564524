import { setTimeout as delay } from 'node:timers/promises';
import { ListError } from './list-error.js';

/** A part of a provider's list. */
export interface Page {
  readonly items: readonly unknown[];
  /** What gets the next page; absent: this was the last. */
  readonly next?: string;
}

interface PageOptions {
  readonly signal: AbortSignal;
  readonly maxPages?: number;
  /** Between two requests: a list is read beside what the account's rate is for. */
  readonly pauseMs?: number;
}

/** The pages of a list, in order, until its end or until the reader stops. @throws ListError for a list that does not end. */
export async function* readPages(
  ask: (next: string | undefined) => Promise<Page>,
  { signal, maxPages = 500, pauseMs = 100 }: PageOptions,
): AsyncGenerator<readonly unknown[]> {
  const asked = new Set<string>();
  let next: string | undefined;
  do {
    if (asked.size >= maxPages) throw new ListError(`the list has more than ${maxPages} pages`);
    if (next !== undefined) await delay(pauseMs, undefined, { signal });
    signal.throwIfAborted();
    const page = await ask(next);
    yield page.items;
    asked.add(next ?? '');
    if (page.next !== undefined && asked.has(page.next))
      throw new ListError('a page names itself, or one before, as the next');
    next = page.next;
  } while (next !== undefined);
}
