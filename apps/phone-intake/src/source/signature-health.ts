import { counter, gauge } from '#observability';

const checked = counter({
  name: 'phanhoi_webhook_signatures_total',
  help: 'Signatures of webhooks, by whether they were valid',
  labelNames: ['account', 'valid'],
});
const healthy = gauge({
  name: 'phanhoi_webhook_signature_healthy',
  help: '0 while the last signature of an account was wrong: when it stays so, our address or secret is wrong',
  labelNames: ['account'],
});

export function countSignature(account: string, valid: boolean): void {
  checked.inc({ account, valid: String(valid) });
  healthy.set({ account }, valid ? 1 : 0);
}
