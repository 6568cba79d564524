import { setTimeout as delay } from 'node:timers/promises';

/** A webhook, ready to be sent. */
export interface Webhook {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

interface WebhookAnswer {
  readonly status: number;
  readonly text: string;
}

/** Sends one webhook once. */
export async function postWebhook(url: string, { body, headers }: Webhook): Promise<WebhookAnswer> {
  const response = await fetch(url, {
    method: 'POST',
    body: new Uint8Array(body),
    headers: { 'content-type': 'application/json', ...headers },
  });
  return { status: response.status, text: await response.text() };
}

interface DeliveryHabits {
  /** How often each is sent; networks promise at least once. Default 1. */
  readonly times?: number;
  /** The order, e.g. a shuffle; default as given. */
  readonly order?: (webhooks: readonly Webhook[]) => readonly Webhook[];
  /** How many are under way at once; default 4. */
  readonly connections?: number;
  /** How often at most one is sent again; default 20 times. */
  readonly retries?: number;
  /** Which answers make the network come again, 0 being none; default: none, and any 5xx. */
  readonly isRetried?: (status: number) => boolean;
  /** How long it waits after a delivery that nobody took; default not at all. */
  readonly pauseMs?: number;
}

/** Sends webhooks as networks do: twice, at once, out of order, and again until they are taken. Answers the last status of each. */
export async function deliverWebhooks(
  url: string,
  webhooks: readonly Webhook[],
  {
    times = 1,
    order = (all) => all,
    connections = 4,
    retries = 20,
    isRetried = isFailure,
    pauseMs = 0,
  }: DeliveryHabits = {},
): Promise<number[]> {
  const waiting = order(Array.from({ length: times }, () => webhooks).flat()).map((webhook) => ({
    webhook,
    left: retries,
  }));
  const statuses: number[] = [];
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const status = await postWebhook(url, next.webhook).then(
        (answer) => answer.status,
        () => 0,
      );
      if (!isRetried(status) || next.left === 0) statuses.push(status);
      else {
        waiting.push({ ...next, left: next.left - 1 });
        if (pauseMs > 0) await delay(pauseMs);
      }
    }
  };
  await Promise.all(Array.from({ length: connections }, work));
  return statuses;
}

function isFailure(status: number): boolean {
  return status === 0 || status >= 500;
}
