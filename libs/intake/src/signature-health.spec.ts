import { metricsText } from '#observability';
import { observeSignature } from './signature-health.js';

async function shareOf(source: string): Promise<number> {
  const { text } = await metricsText();
  const [, value] = new RegExp(`signature_health\\{source="${source}"[^}]*\\} (\\S+)`).exec(text) ?? [];
  return Number(value);
}

it('the share of right signatures follows what comes in, by source', async () => {
  observeSignature('sms:right', true);
  observeSignature('sms:wrong', false);
  expect([await shareOf('sms:right'), await shareOf('sms:wrong')]).toEqual([1, 0]);
  observeSignature('sms:right', false);
  expect(await shareOf('sms:right')).toBeCloseTo(0.9);
  for (let times = 0; times < 50; times += 1) observeSignature('sms:right', false);
  expect(await shareOf('sms:right')).toBeLessThan(0.01);
  observeSignature('sms:wrong', true);
  expect(await shareOf('sms:wrong')).toBeCloseTo(0.1);
});
