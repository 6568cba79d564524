import { gauge } from '#observability';

const health = gauge({
  name: 'phanhoi_social_signature_health',
  help: 'Moving share of webhooks with a right signature, by source: 0 for a while means that our secret is wrong',
  labelNames: ['source'],
});

/** The share of one more request. */
const weight = 0.1;

/** A verification that fails for every request is our misconfiguration, and must be seen before customers see it. */
export class SignatureHealth {
  private readonly shares = new Map<string, number>();

  observe(source: string, isGenuine: boolean): void {
    const now = isGenuine ? 1 : 0;
    const before = this.shares.get(source) ?? now;
    const share = before + weight * (now - before);
    this.shares.set(source, share);
    health.set({ source }, share);
  }
}
