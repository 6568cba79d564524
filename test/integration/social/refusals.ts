import { postWebhook, type Webhook } from '#testing';

/** Each must be told no by its signature. */
export async function refusals(
  url: string,
  cases: readonly (readonly [what: string, webhook: Webhook])[],
): Promise<void> {
  const answers: [string, number, string][] = [];
  for (const [what, webhook] of cases) {
    const { status, text } = await postWebhook(url, webhook);
    answers.push([what, status, (JSON.parse(text) as { code?: string }).code ?? '']);
  }
  expect(answers).toEqual(cases.map(([what]) => [what, 401, 'bad_signature']));
}
