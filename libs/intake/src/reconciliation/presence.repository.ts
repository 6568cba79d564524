import { randomUUID } from 'node:crypto';
import type { Database } from '#postgres';

/** After the last sign of life, of which there are three a minute. */
const silence = '180 seconds';

/** A run that was cut off, and until when it is certain that all it took is counted. */
export interface EndedRun {
  readonly run: string;
  readonly countedUntil: Date;
}

/** The runs of an app, each with its sign of life: one that is still there when its process is not was cut off. */
export class PresenceRepository {
  private readonly run = randomUUID();
  private readonly startedAt = new Date();

  /** @param instance this replica's name; a process that starts again under the same one knows that the one before is gone. */
  constructor(
    private readonly database: Database,
    private readonly instance: string,
  ) {}

  async mark(countedUntil: Date = this.startedAt): Promise<void> {
    await this.database.execute({
      name: 'presence_mark',
      text: `insert into intake_presence (run, instance, started_at, alive_until, counted_until)
             values ($1, $2, $3, clock_timestamp(), $4)
             on conflict (run) do update set alive_until = excluded.alive_until, counted_until = excluded.counted_until`,
      values: [this.run, this.instance, this.startedAt, countedUntil],
    });
  }

  /** Runs that have been silent for too long, or whose instance has started again since. */
  async listEnded(): Promise<EndedRun[]> {
    return await this.database.query<EndedRun>({
      name: 'presence_ended',
      text: `select run, least(alive_until, counted_until) as "countedUntil" from intake_presence ended
             where run <> $1 and (alive_until < clock_timestamp() - interval '${silence}' or exists (
               select from intake_presence later
               where later.instance = ended.instance and later.run <> ended.run and later.started_at >= ended.alive_until))
             order by started_at`,
      values: [this.run],
    });
  }

  async remove(runs: readonly string[]): Promise<void> {
    await this.database.execute({
      name: 'presence_remove',
      text: 'delete from intake_presence where run = any($1::uuid[])',
      values: [runs],
    });
  }

  /** This run ends well. */
  async removeOwn(): Promise<void> {
    await this.remove([this.run]);
  }
}
