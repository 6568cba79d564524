import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Letters of consumers get the channel account that the envelope of their event names. */
export class LetterOrigins1796100000000 implements MigrationInterface {
  name = 'LetterOrigins1796100000000';

  async up(runner: QueryRunner): Promise<void> {
    // Found in the text: reading json member by member fails where what others wrote holds a NUL.
    await runner.query(`update dead_letter set channel = found.origin[1], account = found.origin[2]
      from (select id, app, regexp_match(letter::text, '"ce_source":"/phanhoi/([^/"\\\\]{1,40})/([^/"\\\\]{1,100})"') as origin
            from dead_letter where topic is not null and channel is null) as found
      where dead_letter.id = found.id and dead_letter.app = found.app and found.origin is not null`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('update dead_letter set channel = null, account = null where topic is not null');
  }
}
