import { ListError } from './list-error.js';
import { type Page, readPages } from './pages.js';

const options = { signal: new AbortController().signal, maxPages: 5, pauseMs: 0 };

async function all(ask: (next: string | undefined) => Page): Promise<unknown[]> {
  const items: unknown[] = [];
  for await (const page of readPages(async (next) => ask(next), options)) items.push(...page);
  return items;
}

it('reads pages in their order, to the last', async () => {
  const pages: Record<string, Page> = {
    '': { items: [1, 2], next: 'b' },
    b: { items: [], next: 'c' },
    c: { items: [3] },
  };
  expect(await all((next = '') => pages[next] ?? { items: [] })).toEqual([1, 2, 3]);
});

it.each<[string, (next: string | undefined) => Page]>([
  ['names itself as the next', () => ({ items: [], next: 'a' })],
  ['goes round', (next) => ({ items: [], next: next === 'a' ? 'b' : 'a' })],
  ['never ends', (next = '') => ({ items: [], next: `${next}x` })],
])('gives up a list that %s', async (_, ask) => {
  await expect(all(ask)).rejects.toThrow(ListError);
});

it('asks for no page that nobody reads', async () => {
  const asked: (string | undefined)[] = [];
  const ask = async (next: string | undefined) => {
    asked.push(next);
    return { items: [1], next: `${next ?? ''}x` };
  };
  for await (const page of readPages(ask, options)) if (page.length > 0) break;
  expect(asked).toEqual([undefined]);
});

it('stops when it is told to', async () => {
  const stop = new AbortController();
  const reading = readPages(async () => ({ items: [1], next: 'b' }), {
    ...options,
    signal: stop.signal,
    pauseMs: 60_000,
  });
  await reading.next();
  const rest = reading.next();
  stop.abort();
  await expect(rest).rejects.toThrow('abort');
});
