import { Inject, Injectable } from '@nestjs/common';
import { classifyDatabaseError, Database } from '#postgres';

export interface ConsentWord {
  readonly eventId: string;
  /** E.164. */
  readonly number: string;
  readonly word: 'stop' | 'start';
  /** When it was said: what is fetched after a failure comes behind what was said later. */
  readonly at: string;
}

/** What the owner of a number has last said about being written to. */
@Injectable()
export class ConsentRepository {
  constructor(@Inject(Database) private readonly database: Database) {}

  async record({ eventId, number, word, at }: ConsentWord): Promise<void> {
    await this.database.execute({
      name: 'consent_record',
      text: `insert into consent_word (event_id, number, word, at) values ($1, $2, $3, $4) on conflict (event_id) do nothing`,
      values: [eventId, number, word, at],
    });
  }

  async hasStopped(number: string): Promise<boolean> {
    const [last] = await this.database.query<{ word: string }>({
      name: 'consent_last',
      text: `select word from consent_word where number = $1 order by at desc, position desc limit 1`,
      values: [number],
    });
    return last?.word === 'stop';
  }

  /** Whether the database was only away. */
  isTransient(error: unknown): boolean {
    return classifyDatabaseError(error) === 'transient';
  }
}
