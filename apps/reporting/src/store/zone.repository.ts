import type { Transaction } from '#postgres';
import { DayStarts } from '../domain/day-starts.js';
import type { Tables } from './tables.js';

/** The zones that day cells are kept for. A new zone gets its cells by a rebuild; until then its questions are answered from quarters. */
export class ZoneRepository {
  readonly #days = new Map<string, DayStarts>();

  constructor(
    private readonly tables: Tables,
    private readonly settingsZones: readonly string[],
  ) {}

  /** As of this transaction: a rebuild may have changed them since the last one. Before the first cell, the settings'. */
  async load(tx: Transaction): Promise<DayStarts[]> {
    const rows = await tx.query<{ zone: string }>(this.tables.statement('zones'), this.#select());
    const zones = rows.length > 0 ? rows.map(({ zone }) => zone) : await this.#initialize(tx);
    return zones.map((zone) => {
      let days = this.#days.get(zone);
      if (days === undefined) this.#days.set(zone, (days = new DayStarts(zone)));
      return days;
    });
  }

  /** The zones whose day cells are complete. */
  async names(tx: Transaction): Promise<string[]> {
    const rows = await tx.query<{ zone: string }>(this.tables.statement('zones'), this.#select());
    return rows.map(({ zone }) => zone);
  }

  async #initialize(tx: Transaction): Promise<string[]> {
    const zones = [...new Set(this.settingsZones)].sort();
    const insert = `insert into ${this.tables.of('report_zone')} (zone) select unnest($1::text[]) on conflict do nothing`;
    await tx.execute(this.tables.statement('zones_initialize'), insert, [zones]);
    return zones;
  }

  #select(): string {
    return `select zone from ${this.tables.of('report_zone')} order by zone`;
  }
}
