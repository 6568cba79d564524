import { Injectable } from '@nestjs/common';
import { Database } from '#postgres';

/**
 * Takes acknowledgements out of an account's allowance for the minute. In a transaction of its own, so that the row is not
 * held while a batch is stored; a batch that is rolled back has used up its share, which only makes the brake tighter.
 */
@Injectable()
export class AcknowledgementBrakeStore {
  constructor(private readonly database: Database) {}

  /** How many of the wanted may go out. */
  async reserve(account: string, wanted: number, perMinute: number, now: Date): Promise<number> {
    const [row] = await this.database.query<{ granted: number }>({
      name: 'acknowledgement_reserve',
      text: `insert into acknowledgement_brakes as brake (account, minute, used)
             values ($1, date_trunc('minute', $4::timestamptz), least($2::integer, $3::integer))
             on conflict (account) do update set minute = greatest(brake.minute, excluded.minute),
               used = least($3::integer, case when brake.minute >= excluded.minute then brake.used else 0 end + $2::integer)
             returning new.used - case when old.minute >= new.minute then old.used else 0 end as granted`,
      values: [account, wanted, perMinute, now.toISOString()],
    });
    return row?.granted ?? 0;
  }
}
