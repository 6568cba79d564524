import { TelegramSimulator } from '#testing';
import { assertDelivered } from './delivered.js';

const hourMs = 3_600_000;
const never = new AbortController().signal;
const answer = (result: unknown) => ({ status: 200, body: JSON.stringify({ ok: true, result }) });

describe('what Telegram has still to deliver', () => {
  let telegram: TelegramSimulator;
  beforeAll(async () => {
    telegram = await TelegramSimulator.start({ botToken: '1:test', secretToken: 's' });
  });
  afterAll(() => telegram.close());

  const ask = async (hoursAgo: number) => {
    const asking = assertDelivered(`${telegram.api}/bot1:test`, new Date(Date.now() - hoursAgo * hourMs), never);
    try {
      const bodies: Buffer[] = [];
      for await (const body of asking) bodies.push(body);
      return bodies;
    } catch (error) {
      const { name, message, retryAfterMs } = error as Error & { retryAfterMs?: number };
      return `${name}: ${message} ${retryAfterMs ?? ''}`.trim();
    }
  };

  it('is nothing', async () => {
    expect(await ask(1)).toEqual([]);
  });

  it('cannot be said of what it has dropped', async () => {
    expect(await ask(25)).toBe('ListGoneError: Telegram has dropped what was not delivered within a day');
  });

  const hook = { url: 'https://example.org/', pending_update_count: 0 };
  it.each([
    ['something', answer({ ...hook, pending_update_count: 3 }), 'ListError: 3 updates are left to deliver'],
    ['to nobody', answer({ ...hook, url: '' }), 'ListError: the bot has no webhook'],
    ['who knows what', answer({ url: hook.url }), 'ListError: the answer does not say what is left to deliver'],
    ['in no object', answer([]), 'ListError: the answer does not say what is left to deliver'],
    ['in no JSON', { status: 200, body: '{' }, 'ListError: the answer is no JSON object'],
    ['later', TelegramSimulator.error(429, 'Too Many Requests', { retry_after: 7 }), 'ListError: answered 429 7000'],
    ['after a failure', TelegramSimulator.error(502, 'Bad Gateway'), 'ListError: answered 502'],
  ])('is asked for again: %s', async (_, given, expected) => {
    telegram.failNext(given);
    expect(await ask(1)).toBe(expected);
  });
});
