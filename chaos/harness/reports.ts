import { fetchPatiently, type Observed } from './observed.js';

interface Answer<Numbers> {
  readonly rows: readonly (Numbers & { readonly bucket: string })[];
  readonly totals: Numbers;
}

const dayMs = 86_400_000;
const zone = 'Asia/Ho_Chi_Minh';

/** Days of two months, to the day after tomorrow: `metrics`, and `groupBy` where it is to be by more than the day. */
export async function askReport<Numbers extends object>(
  world: Observed,
  token: string,
  question: { readonly metrics: string; readonly groupBy?: string },
): Promise<Answer<Numbers>> {
  const day = (days: number) => new Date(Date.now() + days * dayMs).toISOString().slice(0, 10);
  const query = new URLSearchParams({ ...question, granularity: 'day', from: day(-60), to: day(2), tz: zone });
  const answer = await fetchPatiently(`${world.reportingUrl}/api/v1/reports?${query.toString()}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  if (!answer.ok) throw new Error(`report: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Answer<Numbers>;
}
