import { Injectable } from '@nestjs/common';
import { Problem } from '#http';
import { isAboutFeedback, type MetricName, type MetricValue, metricOf } from '../domain/metric-catalogue.js';
import type { Question } from '../domain/question.js';
import { DrilldownRepository, type Position } from '../store/drilldown.repository.js';
import { ReportRepository } from '../store/report.repository.js';
import { writeCursor } from './cursor.js';
import { ReportService, withinLimit } from './report.service.js';

interface Asked {
  readonly metric: MetricName;
  readonly question: Question;
  readonly after: Position | undefined;
  readonly limit: number;
}

export interface Drilldown {
  /** The number itself, from where reports come: the counts of all pages add up to it. */
  readonly value: MetricValue;
  readonly items: readonly object[];
  readonly nextCursor?: string;
}

@Injectable()
export class DrilldownService {
  readonly #drilldown = new DrilldownRepository();

  constructor(
    private readonly reports: ReportService,
    private readonly store: ReportRepository,
  ) {}

  async find({ metric, question, after, limit }: Asked): Promise<Drilldown> {
    if (metricOf(metric).formula.kind === 'shares') {
      const detail = `${metric} is several shares side by side: ask for one of them.`;
      throw new Problem(422, 'metric_unavailable', 'This number is not available', { detail });
    }
    const { totals } = await this.reports.answer({ ...question, metrics: [metric], groupBy: [] });
    const page = { after, limit: limit + 1 };
    const found = await withinLimit(() =>
      this.store.snapshot<(Position & { item: object })[]>(async (tx) => {
        if (isAboutFeedback(metric)) {
          const rows = await this.#drilldown.findFeedback(tx, metric, question, page);
          return rows.map((row) => ({ at: row.at, id: row.eventId, item: { ...row, at: iso(row.at) } }));
        }
        const rows = await this.#drilldown.findTickets(tx, metric, question, page);
        return rows.map((row) => ({ at: row.at, id: row.ticketId, item: { ...known(row), at: iso(row.at) } }));
      }),
    );
    const shown = found.slice(0, limit);
    const last = shown.at(-1);
    return {
      value: totals[metric] ?? null,
      items: shown.map(({ item }) => item),
      ...(found.length > limit && last !== undefined ? { nextCursor: writeCursor(last) } : {}),
    };
  }
}

const iso = (at: number) => new Date(at).toISOString();

/** Leaves out what the metric does not have. */
function known(row: object): object {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null));
}
