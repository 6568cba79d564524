import { migrationDrift } from '#postgres';
import { testDatabase } from '#testing';
import { entities } from '../../../apps/ticketing/src/store/entities.js';
import { migrations } from '../../../apps/ticketing/src/store/migrations/migrations.js';

it('migrations and entities of ticketing say the same', async () => {
  const db = await testDatabase({ schema: 'ticketing', migrations, entities });
  try {
    expect(await migrationDrift(db.dataSource)).toEqual([]);
  } finally {
    await db.close();
  }
});
