import { askForList, ListError, ListGoneError, type ProviderAnswer } from '#intake';
import { numberIn, objectIn, textIn } from '../../normalize/json.js';
import { retryAfter } from './send.js';

/** Telegram keeps what it could not deliver for this long. Source: core.telegram.org/bots/api, "Getting updates". */
const keptForMs = 24 * 3_600_000;
const nothing: readonly Buffer[] = [];

/**
 * Telegram lists nothing while a webhook is set (getUpdates is refused then), but brings everything again until it is acknowledged: when nothing is
 * left to deliver, all has come. Source: core.telegram.org/bots/api, "getWebhookInfo", "WebhookInfo", "getUpdates" (2026-11-23).
 * @param bot address of the Bot API with the bot's token: never shown.
 */
export async function* assertDelivered(bot: string, since: Date, signal: AbortSignal): AsyncGenerator<Buffer> {
  if (Date.now() - since.getTime() > keptForMs)
    throw new ListGoneError('Telegram has dropped what was not delivered within a day');
  const result = objectIn(await askForList(`${bot}/getWebhookInfo`, { signal, waitOf }), 'result');
  const pending = numberIn(result, 'pending_update_count');
  if (pending === undefined) throw new ListError('the answer does not say what is left to deliver');
  if (textIn(result, 'url') === undefined) throw new ListError('the bot has no webhook');
  if (pending > 0) throw new ListError(`${pending} updates are left to deliver`);
  yield* nothing;
}

function waitOf({ body }: ProviderAnswer): number | undefined {
  const seconds = retryAfter(body);
  return seconds === undefined ? undefined : seconds * 1000;
}
