interface Consumer {
  readonly app: string;
  readonly read: number;
  readonly stored: number;
  readonly missing: number;
}

/** What the demo reads of `GET /api/v1/ledger`. */
export interface Ledger {
  readonly settled: boolean;
  readonly sources: readonly {
    readonly source: string;
    readonly settled: boolean;
    readonly intake: Readonly<
      Record<'received' | 'published' | 'spooled' | 'refused' | 'quarantined' | 'noted', number>
    >;
    readonly consumers: readonly Consumer[];
  }[];
}

export const ledgerColumns = [
  'source',
  'received',
  'published',
  'spooled',
  'refused',
  'quarantined',
  'noted',
  'ticketing',
  'reporting',
] as const;

/** One row a source: what came in, what became of it, and what the two consumers stored of it. */
export function ledgerRows({ sources }: Ledger): string[][] {
  return sources.map(({ source, intake, consumers }) => {
    const stored = (app: string) => consumers.find((one) => one.app === app)?.stored ?? 0;
    const { received, published, spooled, refused, quarantined, noted } = intake;
    const numbers = [
      received,
      published,
      spooled,
      refused,
      quarantined,
      noted,
      stored('ticketing'),
      stored('reporting'),
    ];
    return [source, ...numbers.map(String)];
  });
}

/** What keeps the ledger from being settled with at least this many events on the log; undefined when nothing does. */
export function unsettled({ sources }: Ledger, events: number): string | undefined {
  const published = sources.reduce((sum, { intake }) => sum + intake.published + intake.spooled, 0);
  if (published < events) return `${published} of ${events} events are counted`;
  const open = sources.filter(({ settled }) => !settled).map(({ source }) => source);
  return open.length === 0 ? undefined : `${open.join(', ')} does not balance`;
}
