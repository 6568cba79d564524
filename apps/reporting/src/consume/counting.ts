import { FactRepository } from '../store/fact.repository.js';
import { FeedbackRepository } from '../store/feedback.repository.js';
import { RollupRepository } from '../store/rollup.repository.js';
import { Tables } from '../store/tables.js';
import { TicketProgressRepository } from '../store/ticket-progress.repository.js';
import { ZoneRepository } from '../store/zone.repository.js';
import { ReceivedFeedback } from './received-feedback.js';
import { TicketFacts } from './ticket-facts.js';

/** Both ways into the numbers over one set of tables: the live one, or the one that a rebuild fills. */
export function countingInto(
  tables: Tables,
  zones: readonly string[],
): { ticketFacts: TicketFacts; receivedFeedback: ReceivedFeedback } {
  const rollups = new RollupRepository(tables);
  const reportZones = new ZoneRepository(tables, zones);
  const progress = new TicketProgressRepository(tables);
  return {
    ticketFacts: new TicketFacts(progress, new FactRepository(tables), rollups, reportZones),
    receivedFeedback: new ReceivedFeedback(new FeedbackRepository(tables), rollups, reportZones),
  };
}
