import { z } from 'zod';

/** `options.rate` of an account: what its provider allows, over all replicas. */
export const sendingRate = z.strictObject({
  perSecond: z.coerce.number().positive().max(10_000),
  /** How many may leave at once after a rest. */
  burst: z.coerce.number().int().min(1).max(10_000).default(1),
});
export type SendingRate = z.output<typeof sendingRate>;

/** How fast each account may send, where that is limited. */
export function ratesOf(
  accounts: readonly { readonly id: string; readonly options: { readonly rate?: SendingRate | undefined } }[],
): ReadonlyMap<string, SendingRate> {
  return new Map(accounts.flatMap(({ id, options: { rate } }) => (rate === undefined ? [] : [[id, rate]])));
}

/** As the statement of a claim wants it: seconds that one reply costs, and how far ahead an account may have spent. */
export interface RateArrays {
  readonly accounts: readonly string[];
  readonly gaps: readonly number[];
  readonly slacks: readonly number[];
}

export function rateArrays(rates: ReadonlyMap<string, SendingRate>): RateArrays {
  const all = [...rates.values()];
  return {
    accounts: [...rates.keys()],
    gaps: all.map(({ perSecond }) => 1 / perSecond),
    slacks: all.map(({ perSecond, burst }) => (burst - 1) / perSecond),
  };
}
