import { type Logger } from '#observability';
import { classifyDatabaseError, type Database } from '#postgres';

export interface KeyUse {
  readonly form: string;
  readonly key: string;
  /** Of what was sent, lower-case hex. */
  readonly bodySha256: string;
}

/**
 * `fresh`: nobody used the key; `repeated`: the same body, not known to be published; `done`: the same body, published before;
 * `other`: the key was used for another body; `unknown`: the database did not answer in time.
 */
export type KeyState = 'fresh' | 'repeated' | 'done' | 'other' | 'unknown';

/** A caller does not wait longer than this for the check of a key: the event id alone already makes a repetition harmless. */
const patienceMs = 1_000;
const restAfterFailures = 3;
const restMs = 2_000;
const keptFor = '90 days';

interface KeyRow {
  fresh: boolean;
  body_sha256: string;
  accepted: boolean;
}

/** What idempotency keys were used for. Only an aid: it tells a reused key from a repeated request while the database answers. */
export class IdempotencyRepository {
  private failures = 0;
  private restUntil = 0;

  constructor(
    private readonly database: Database,
    private readonly logger: Logger,
  ) {}

  /** Notes the use unless the key is known, and says what it was used for. Never rejects for an absent database. */
  async claim({ form, key, bodySha256 }: KeyUse): Promise<KeyState> {
    const rows = await this.patiently(() =>
      this.database.query<KeyRow>({
        name: 'idempotency_claim',
        // The update that changes nothing makes a second user of the key wait for the first one's commit and see its row.
        text: `insert into idempotency_key as known (form, key, body_sha256) values ($1, $2, $3)
               on conflict (form, key) do update set body_sha256 = known.body_sha256
               returning xmax = 0 as fresh, body_sha256, accepted`,
        values: [form, key, bodySha256],
      }),
    );
    const row = rows?.[0];
    if (row === undefined) return 'unknown';
    if (row.fresh) return 'fresh';
    if (row.body_sha256 !== bodySha256) return 'other';
    return row.accepted ? 'done' : 'repeated';
  }

  /** From now on a repetition is answered without publishing again. Losing this costs a duplicate on the log, no more. */
  async markAccepted({ form, key }: KeyUse): Promise<void> {
    await this.patiently(() =>
      this.database.execute({
        name: 'idempotency_accepted',
        text: 'update idempotency_key set accepted = true where form = $1 and key = $2 and not accepted',
        values: [form, key],
      }),
    );
  }

  /** Removes one batch of old keys; when the database is away, the next time will do. */
  async removeExpired(): Promise<void> {
    await this.guarded(() =>
      this.database.execute({
        name: 'idempotency_expire',
        text: `delete from idempotency_key where (form, key) in
                 (select form, key from idempotency_key where created_at < clock_timestamp() - interval '${keptFor}'
                  order by created_at limit 1000 for update skip locked)`,
      }),
    );
  }

  /** undefined when the database is away, slow, or has been so just now. */
  private async patiently<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    if (performance.now() < this.restUntil) return undefined;
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, patienceMs, undefined);
    });
    try {
      const result = await Promise.race([this.guarded(work), timeout]);
      if (result === undefined) this.failed();
      else this.failures = 0;
      return result;
    } finally {
      clearTimeout(timer);
    }
  }

  private async guarded<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await work();
    } catch (error) {
      if (classifyDatabaseError(error) !== 'transient')
        this.logger.error({ err: error }, 'idempotency keys cannot be read');
      return undefined;
    }
  }

  private failed(): void {
    this.failures += 1;
    if (this.failures < restAfterFailures) return;
    this.failures = 0;
    this.restUntil = performance.now() + restMs;
    this.logger.warn({ restMs }, 'the database does not answer in time: idempotency keys go unchecked for a while');
  }
}
