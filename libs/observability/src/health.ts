/** A loop that must turn, for example a consumer or a mailbox. */
export interface LoopWatch {
  /** Call at each turn; a tick of a backoff is a turn. */
  turn(): void;
  /** The loop has ended on purpose. */
  stop(): void;
}

export interface HealthReport {
  readonly ok: boolean;
  readonly checks: Readonly<Record<string, boolean>>;
}

const stallMs = 60_000;
const checkTimeoutMs = 1_000;

/**
 * Liveness and readiness of a process.
 * Ready = can do what the Service in front of it is for; trouble of a consumer is a metric and an alert, never readiness.
 * Live = every watched loop turned within 60 s. An outage elsewhere kills no pod.
 */
export class Health {
  private readonly checks = new Map<string, () => Promise<boolean>>();
  private readonly turns = new Map<string, number>();
  private rule: (checks: Readonly<Record<string, boolean>>) => boolean = (checks) =>
    Object.values(checks).every(Boolean);
  private stopping = false;

  constructor(private readonly now: () => number = Date.now) {}

  /** Registers a check, e.g. `database`; one that throws or takes over 1 s counts as failed. */
  addCheck(name: string, check: () => Promise<boolean>): void {
    this.checks.set(name, check);
  }

  /** Replaces the rule "all checks hold", e.g. by "broker or database" for an intake. */
  readyWhen(rule: (checks: Readonly<Record<string, boolean>>) => boolean): void {
    this.rule = rule;
  }

  loop(name: string): LoopWatch {
    const turn = () => this.turns.set(name, this.now());
    turn();
    return { turn: () => void turn(), stop: () => void this.turns.delete(name) };
  }

  /** From now on not ready: balancers look elsewhere while open work is finished. */
  beginShutdown(): void {
    this.stopping = true;
  }

  async readiness(): Promise<HealthReport> {
    const names = [...this.checks.keys()];
    const results = await Promise.all([...this.checks.values()].map(settle));
    const checks = Object.fromEntries(names.map((name, index) => [name, results[index] ?? false]));
    return { ok: !this.stopping && this.rule(checks), checks };
  }

  liveness(): HealthReport {
    const checks = Object.fromEntries([...this.turns].map(([name, at]) => [name, this.now() - at < stallMs]));
    return { ok: Object.values(checks).every(Boolean), checks };
  }
}

async function settle(check: () => Promise<boolean>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), checkTimeoutMs);
  });
  try {
    return await Promise.race([check(), timeout]);
  } catch {
    // A check that throws is a check that failed: the report says which.
    return false;
  } finally {
    clearTimeout(timer);
  }
}
