import { gauge } from '#observability';
import { settleLedger } from './domain/ledger.js';
import type { LedgerRepository } from './store/ledger.repository.js';

const unsettled = gauge({
  name: 'phanhoi_ledger_unsettled',
  help: 'Of the last 24 hours: inputs and records whose end is not known (unbalanced), events not read (missing), windows cut off (incomplete)',
  labelNames: ['source', 'why'],
});

const windowMs = 24 * 3_600_000;
/** What is under way is not missing: counts of intakes come at most this late. */
const restMs = 2 * 60_000;

/** Shows as metrics what `GET /api/v1/ledger` would say, so that an alert can rest on it. */
export async function watchLedger(ledger: Pick<LedgerRepository, 'sums' | 'cutOffs'>, now = Date.now()): Promise<void> {
  const [from, to] = [new Date(now - windowMs), new Date(now - restMs)];
  const [sums, cutOffs] = await Promise.all([ledger.sums(from, to, null), ledger.cutOffs(from, to, null)]);
  unsettled.reset();
  for (const { source, intake, consumers, incomplete } of settleLedger(sums, cutOffs).sources) {
    const sides = [intake, ...consumers].filter(({ balanced }) => !balanced).length;
    const missing = Math.max(...consumers.map((consumer) => consumer.missing));
    unsettled.set({ source, why: 'unbalanced' }, sides);
    unsettled.set({ source, why: 'missing' }, missing);
    unsettled.set({ source, why: 'incomplete' }, incomplete.filter(({ settled }) => !settled).length);
  }
}
