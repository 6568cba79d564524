import { Injectable } from '@nestjs/common';
import { type DeadLetter, originOf, type QuarantineResolved } from '#contracts';
import { Database, type Transaction } from '#postgres';
import { type Column, given, namesOf, transpose } from './columns.js';

export const letterStates = ['waiting', 'replayed', 'discarded', 'all'] as const;

export interface LetterFilter {
  readonly app?: string;
  readonly reason?: string;
  /** Channel by which the bytes came in, or the event that a consumer refused. */
  readonly channel?: string;
  readonly account?: string;
  /** Topic on which a consumer's letter lay. */
  readonly topic?: string;
  /** When it was written: inclusive. */
  readonly from?: Date;
  /** Exclusive. */
  readonly to?: Date;
  readonly state: (typeof letterStates)[number];
}

/** Behind this letter, in the order of the list. */
export interface LetterPlace {
  readonly at: number;
  readonly id: string;
  readonly app: string;
}

/** A letter with the last thing that an operator did about it since it was written. */
export interface QuarantinedLetter {
  readonly letter: DeadLetter;
  readonly resolved: QuarantineResolved | undefined;
}

const letterColumns: Column<DeadLetter>[] = [
  { name: 'id', type: 'uuid', of: ({ id }) => id },
  { name: 'app', type: 'text', of: ({ app }) => app },
  { name: 'at', type: 'timestamptz', of: ({ at }) => at },
  { name: 'reason', type: 'text', of: ({ reason }) => reason },
  { name: 'step', type: 'text', of: ({ step }) => step },
  { name: 'channel', type: 'text', of: (letter) => originOf(letter)?.channel ?? null },
  { name: 'account', type: 'text', of: (letter) => originOf(letter)?.account ?? null },
  { name: 'topic', type: 'text', of: ({ source }) => (source.kind === 'log' ? source.topic : null) },
  // As json, not jsonb, which takes no NUL: what others wrote may hold one.
  { name: 'letter', type: 'json', of: (letter) => JSON.stringify(letter) },
];

const resolutionColumns: Column<QuarantineResolved>[] = [
  { name: 'id', type: 'uuid', of: ({ id }) => id },
  { name: 'at', type: 'timestamptz', of: ({ at }) => at },
  { name: 'resolution', type: 'text', of: ({ resolution }) => resolution },
  { name: 'resolved_by', type: 'text', of: ({ by }) => by },
  { name: 'reason', type: 'text', of: ({ reason }) => reason ?? null },
];

interface Row {
  readonly letter: DeadLetter;
  readonly resolution: QuarantineResolved['resolution'] | null;
  readonly resolved_by: string;
  readonly resolved_reason: string | null;
  readonly resolved_at: Date;
}

/** As long as the topics keep them. */
const keptFor = '90 days';
const selected = `select letter, resolution, resolved_by, resolved.reason as resolved_reason, resolved.at as resolved_at
  from dead_letter left join dead_letter_resolution as resolved on resolved.id = dead_letter.id and resolved.at >= dead_letter.at`;

@Injectable()
export class QuarantineRepository {
  constructor(private readonly database: Database) {}

  /** An intake's letter has the id of its bytes: refused again, it is the newer one. */
  async addLetters(tx: Transaction, letters: readonly DeadLetter[]): Promise<void> {
    const newest = new Map<string, DeadLetter>();
    for (const letter of letters) {
      const key = `${letter.id} ${letter.app}`;
      const before = newest.get(key);
      if (before === undefined || before.at < letter.at) newest.set(key, letter);
    }
    await tx.execute(
      'dead_letters_add',
      `insert into dead_letter (${namesOf(letterColumns)}) select * from ${given(letterColumns)}
       on conflict (id, app) do update set at = excluded.at, reason = excluded.reason, step = excluded.step, letter = excluded.letter
       where dead_letter.at < excluded.at`,
      transpose(letterColumns, sorted(newest)),
    );
  }

  /** The last word counts. */
  async addResolutions(tx: Transaction, resolutions: readonly QuarantineResolved[]): Promise<void> {
    const last = new Map<string, QuarantineResolved>();
    for (const resolution of resolutions) {
      const before = last.get(resolution.id);
      if (before === undefined || before.at <= resolution.at) last.set(resolution.id, resolution);
    }
    await tx.execute(
      'dead_letter_resolutions_add',
      `insert into dead_letter_resolution (${namesOf(resolutionColumns)}) select * from ${given(resolutionColumns)}
       on conflict (id) do update set at = excluded.at, resolution = excluded.resolution, resolved_by = excluded.resolved_by,
         reason = excluded.reason where dead_letter_resolution.at <= excluded.at`,
      transpose(resolutionColumns, sorted(last)),
    );
  }

  /** Takes a letter for one caller: false when it has been settled since it was written. */
  async claim(tx: Transaction, letter: DeadLetter, resolution: QuarantineResolved): Promise<boolean> {
    const rows = await tx.query(
      'dead_letter_claim',
      `insert into dead_letter_resolution (${namesOf(resolutionColumns)}) select * from ${given(resolutionColumns)}
       on conflict (id) do update set at = excluded.at, resolution = excluded.resolution, resolved_by = excluded.resolved_by,
         reason = excluded.reason where dead_letter_resolution.at < $6 returning id`,
      [...transpose(resolutionColumns, [resolution]), letter.at],
    );
    return rows.length > 0;
  }

  /** In the order in which they were written, so that what follows another in sequence is replayed after it. */
  async list(filter: LetterFilter, after: LetterPlace | undefined, limit: number): Promise<QuarantinedLetter[]> {
    const rows = await this.database.query<Row>({
      name: 'dead_letters_list',
      text: `${selected}
        where ($1::text is null or app = $1) and ($2::text is null or dead_letter.reason = $2) and ($3::text is null or channel = $3)
          and ($4::text is null or account = $4) and ($5::text is null or topic = $5)
          and ($6 = 'all' or coalesce(resolution, 'waiting') = $6)
          and ($7::timestamptz is null or (dead_letter.at, dead_letter.id, app) > ($7, $8::uuid, $9))
          and ($10::timestamptz is null or dead_letter.at >= $10) and ($11::timestamptz is null or dead_letter.at < $11)
        order by dead_letter.at, dead_letter.id, app limit $12`,
      values: [
        ...[filter.app, filter.reason, filter.channel, filter.account, filter.topic].map((value) => value ?? null),
        filter.state,
        ...[after === undefined ? null : new Date(after.at), after?.id ?? null, after?.app ?? null],
        ...[filter.from ?? null, filter.to ?? null],
        limit,
      ],
    });
    return rows.map(toLetter);
  }

  /** Each app that refused it has a letter of its own. */
  async find(id: string): Promise<QuarantinedLetter[]> {
    const rows = await this.database.query<Row>({
      name: 'dead_letter_find',
      text: `${selected} where dead_letter.id = $1 order by app`,
      values: [id],
    });
    return rows.map(toLetter);
  }

  async removeOld(): Promise<void> {
    await this.database.query({
      name: 'dead_letters_remove_old',
      text: `with letters as (delete from dead_letter where at < now() - interval '${keptFor}')
             delete from dead_letter_resolution where at < now() - interval '${keptFor}'`,
      values: [],
    });
  }
}

function toLetter(row: Row): QuarantinedLetter {
  const { letter, resolution } = row;
  if (resolution === null) return { letter, resolved: undefined };
  const { id, app } = letter;
  const reason = row.resolved_reason === null ? {} : { reason: row.resolved_reason };
  const at = row.resolved_at.toISOString();
  return { letter, resolved: { id, app, resolution, by: row.resolved_by, at, ...reason } };
}

function sorted<Value>(byKey: ReadonlyMap<string, Value>): Value[] {
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
}
