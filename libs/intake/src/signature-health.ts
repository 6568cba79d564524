import { gauge } from '#observability';

const health = gauge({
  name: 'phanhoi_webhook_signature_health',
  help: 'Moving share of webhooks with a right signature, by source: 0 for a while means that our secret, or our public address, is wrong',
  labelNames: ['source'],
});

/** The share of one more request. */
const weight = 0.1;
const shares = new Map<string, number>();

/**
 * A verification that fails for every request is our misconfiguration, and must be seen before customers see it.
 * @param source `<channel>:<account>`
 */
export function observeSignature(source: string, isGenuine: boolean): void {
  const now = isGenuine ? 1 : 0;
  const before = shares.get(source) ?? now;
  const share = before + weight * (now - before);
  shares.set(source, share);
  health.set({ source }, share);
}
