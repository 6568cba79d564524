import { z } from 'zod';

export const reportedMetrics = ['feedback_count', 'tickets_opened', 'backlog', 'first_response_time'] as const;

const rowSchema = z.object({
  bucket: z.string(),
  channel: z.string(),
  feedback_count: z.number().nullable(),
  tickets_opened: z.number().nullable(),
  first_response_time: z.object({ count: z.number(), mean: z.number().nullable() }),
});

export type ReportCounts = Readonly<
  Record<string, { readonly feedback_count: number; readonly tickets_opened: number; readonly first_responses: number }>
>;

/** Sums a report's rows per channel over its days. */
export function countsOf(report: { readonly rows: readonly unknown[] }): ReportCounts {
  const counts: Record<string, { feedback_count: number; tickets_opened: number; first_responses: number }> = {};
  for (const row of report.rows.map((raw) => rowSchema.parse(raw))) {
    const sum = (counts[row.channel] ??= { feedback_count: 0, tickets_opened: 0, first_responses: 0 });
    sum.feedback_count += row.feedback_count ?? 0;
    sum.tickets_opened += row.tickets_opened ?? 0;
    sum.first_responses += row.first_response_time.count;
  }
  return counts;
}

const channels = [
  ...[
    'email',
    'web_form',
    'sms',
    'phone',
    'messenger',
    'facebook_comment',
    'instagram',
    'whatsapp',
    'zalo',
    'telegram',
  ],
];

/** What one demo must have added at least and has not; others may use the same platform meanwhile. */
export function shortfalls(before: ReportCounts, after: ReportCounts): string[] {
  return channels.flatMap((channel) =>
    (['feedback_count', 'tickets_opened', 'first_responses'] as const).flatMap((metric) => {
      // By mail the customer also says thanks.
      const atLeast = channel === 'email' && metric === 'feedback_count' ? 2 : 1;
      const grown = (after[channel]?.[metric] ?? 0) - (before[channel]?.[metric] ?? 0);
      return grown < atLeast ? [`${metric} of ${channel} grew by ${grown} instead of ${atLeast}`] : [];
    }),
  );
}
