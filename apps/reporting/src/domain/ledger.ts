/** The sums of one source and app over the asked time. */
export interface LedgerSum {
  readonly source: string;
  readonly app: string;
  readonly received: number;
  readonly published: number;
  readonly spooled: number;
  readonly refused: number;
  readonly quarantined: number;
  readonly noted: number;
  readonly read: number;
  readonly stored: number;
  readonly duplicate: number;
  readonly dropped: number;
}

/** A window whose counts went down with their process. */
export interface CutOff {
  readonly source: string;
  readonly app: string;
  readonly instance: string;
  readonly from: string;
  readonly to: string;
  readonly settledBy: string;
  /** The provider has been asked for what it holds of this time, or reading has gone on behind it. */
  readonly isReconciled: boolean;
}

/** The apps that every event has to reach. */
const consumers = ['ticketing', 'reporting'] as const;

/** What came in of each source against what went where. */
export function settleLedger(sums: readonly LedgerSum[], cutOffs: readonly CutOff[]) {
  const names = new Set([...sums, ...cutOffs].map(({ source }) => source));
  const sources = [...names].sort().map((source) => {
    const own = sums.filter((sum) => sum.source === source);
    const intake = intakeSide(own);
    const incomplete = cutOffs.filter((cut) => cut.source === source).map(asIncomplete);
    const sides = consumers.map((app) => consumerSide(app, own, intake.published + intake.spooled));
    const settled =
      intake.balanced &&
      sides.every(({ balanced, missing }) => balanced && missing === 0) &&
      incomplete.every(({ settled: isSettled }) => isSettled);
    return { source, settled, intake, consumers: sides, incomplete };
  });
  return { settled: sources.every(({ settled }) => settled), sources };
}

function intakeSide(sums: readonly LedgerSum[]) {
  const of = (field: keyof LedgerSum) =>
    sums.filter(({ app }) => !isConsumer(app)).reduce((total, sum) => total + Number(sum[field]), 0);
  const received = of('received');
  const [published, spooled, refused] = [of('published'), of('spooled'), of('refused')];
  const [quarantined, noted] = [of('quarantined'), of('noted')];
  const balanced = received === published + spooled + refused + quarantined + noted;
  return { received, published, spooled, refused, quarantined, noted, balanced };
}

/** @param left what the intake brought on its way to the log */
function consumerSide(app: string, sums: readonly LedgerSum[], left: number) {
  const sum = sums.find((one) => one.app === app);
  const { read = 0, stored = 0, duplicate = 0, dropped = 0, quarantined = 0 } = sum ?? {};
  const balanced = read === stored + duplicate + dropped + quarantined;
  // More is read than was counted as published when a batch was delivered again, or the count went down with its process.
  return { app, read, stored, duplicate, dropped, quarantined, balanced, missing: Math.max(0, left - read) };
}

function asIncomplete({ app, instance, from, to, settledBy, isReconciled }: CutOff) {
  // Where nobody can be asked, the sender settles it: what was acknowledged is durable, what was not is sent again.
  return { app, instance, from, to, settledBy, settled: isReconciled || settledBy === 'sender' };
}

function isConsumer(app: string): boolean {
  return consumers.some((name) => name === app);
}
