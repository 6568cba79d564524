import { randomUUID } from 'node:crypto';
import type { DeadLetter } from '#contracts';
import { testDatabase } from '#testing';
import { LetterOrigins1796100000000 } from '../../../apps/reporting/src/store/migrations/1796100000000-letter-origins.js';
import { migrations } from '../../../apps/reporting/src/store/migrations/migrations.js';
import { QuarantineRepository } from '../../../apps/reporting/src/store/quarantine.repository.js';

it('letters that were written before it are found by the channel that their envelope names, poison or not', async () => {
  const db = await testDatabase({ schema: 'reporting', migrations });
  try {
    const letters = new QuarantineRepository(db.database);
    const letterWith = (headers: Record<string, string>): DeadLetter => ({
      ...{ id: randomUUID(), app: 'ticketing', reason: 'gap', step: 'decode', at: new Date().toISOString() },
      source: { kind: 'log', topic: 'feedback.received.v1', partition: 0, offset: '7' },
      ...{ key: null, headers, body: null },
    });
    const zalo = letterWith({ poison: 'a NUL: \u0000', ce_source: '/phanhoi/zalo/oa-1' });
    const others = [
      letterWith({ ce_source: '/phanhoi/ticketing' }),
      letterWith({ ce_source: '/phanhoi/zalo/\u0000' }),
      letterWith({ told: '"ce_source":"/phanhoi/zalo/oa-1"' }),
    ];
    await db.database.transaction((tx) => letters.addLetters(tx, [zalo, ...others]));
    const runner = db.dataSource.createQueryRunner();
    try {
      await new LetterOrigins1796100000000().down(runner);
      expect(await letters.list({ channel: 'zalo', state: 'all' }, undefined, 10)).toEqual([]);
      await new LetterOrigins1796100000000().up(runner);
    } finally {
      await runner.release();
    }
    const found = await letters.list({ channel: 'zalo', account: 'oa-1', state: 'all' }, undefined, 10);
    expect(found.map(({ letter: { id } }) => id)).toEqual([zalo.id]);
  } finally {
    await db.close();
  }
});
