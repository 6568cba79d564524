import { AccessTokens, type NewPair, TokenPairRepository } from '#intake';
import { createLogger, metricsText } from '#observability';
import { type TestDatabase, testDatabase, uniqueName, ZaloSimulator } from '#testing';
import { exchangeToken } from '../../../apps/social-intake/src/source/zalo/token-exchange.js';
import { migrations } from '../../../apps/social-intake/src/store/migrations/migrations.js';

const logger = createLogger('test', 'silent');
const app = { appId: '1', oaSecretKey: 'k', oaId: '2', appSecret: 's', refreshToken: 'first' };

describe('a refresh token that is good for one use', () => {
  let database: TestDatabase;
  let zalo: ZaloSimulator;
  let oauth: string;
  let account: string;
  beforeAll(async () => {
    database = await testDatabase({ schema: 'social', migrations });
  }, 60_000);
  afterAll(() => database.close());
  beforeEach(async () => {
    zalo = new ZaloSimulator(app);
    ({ oauth } = await zalo.listen());
    account = uniqueName('zalo');
  });
  afterEach(() => zalo.close());

  const exchange = (token: string) => exchangeToken({ oauth, appId: '1', appSecret: 's' }, token);
  const replica = (
    refreshToken = 'first',
    repository = new TokenPairRepository(database.database, uniqueName('replica')),
  ) => new AccessTokens({ account, refreshToken, repository, exchange, logger });
  const stateOf = async () => {
    const [row] = await database.dataSource.query<{ state: string }[]>(
      'select state from token_pair where account = $1',
      [account],
    );
    return row?.state;
  };
  const write = (assignments: string) =>
    database.dataSource.query(`update token_pair set ${assignments} where account = $1`, [account]);
  const alert = async () =>
    (await metricsText()).text
      .split('\n')
      .find((line) => line.startsWith('phanhoi_reauthorization_needed') && line.includes(account))
      ?.split(' ')
      .at(-1);

  it('is used once, however many ask on however many replicas', async () => {
    const replicas = [replica(), replica(), replica()];
    const first = await Promise.all(replicas.flatMap((one) => [one.access(), one.access(), one.access()]));
    expect(zalo.exchanges).toEqual(['first']);
    const tokens = new Set(first.flatMap((access) => (access.kind === 'token' ? [access.token] : [])));
    expect(tokens.size).toBe(1);
    // Who came while another exchanged has it the next time.
    for (const one of replicas) expect(await one.access()).toEqual({ kind: 'token', token: [...tokens][0] });
    expect(zalo.exchanges).toHaveLength(1);
  });

  it('is exchanged before the access token ends, and by who needs one after it has', async () => {
    const one = replica();
    const before = await one.access();
    await one.keep();
    expect(zalo.exchanges).toHaveLength(1);
    await write(`access_until = clock_timestamp() + interval '50 minutes'`);
    expect(await one.access()).toEqual(before);
    await one.keep();
    expect(zalo.exchanges).toHaveLength(2);
    await write(`access_until = clock_timestamp()`);
    expect((await one.access()).kind).toBe('token');
    expect(new Set(zalo.exchanges).size).toBe(3);
  });

  it('of which the answer was lost is tried once more, then a person must sign in', async () => {
    zalo.failNext('exchange', 'take_and_hang_up');
    expect([await replica().access(), await stateOf()]).toMatchObject([{ kind: 'later' }, 'refreshing']);
    const restarted = replica();
    expect([await restarted.access(), await stateOf()]).toEqual([{ kind: 'reauthorize' }, 'reauthorize']);
    expect(zalo.exchanges).toEqual(['first', 'first']);
    expect([await replica().access(), await alert()]).toEqual([{ kind: 'reauthorize' }, '1']);
    expect(zalo.exchanges).toHaveLength(2);

    zalo.signIn('second');
    expect((await replica('second').access()).kind).toBe('token');
    expect([await stateOf(), await alert()]).toEqual(['ready', '0']);
    // One that was not restarted yet does not bring the old one back.
    expect((await replica('first').access()).kind).toBe('token');
    expect(zalo.exchanges).toEqual(['first', 'first', 'second']);
  });

  it('is good after a crash before it was asked with', async () => {
    await new TokenPairRepository(database.database, 'x').configure(account, 'first');
    await write(`state = 'refreshing'`);
    expect([(await replica().access()).kind, await stateOf()]).toEqual(['token', 'ready']);
  });

  it('is given up after two silences, without a third request', async () => {
    zalo.failNext('exchange', 'hang_up', 'hang_up');
    const kinds = [await replica().access(), await replica().access(), await replica().access()].map(
      ({ kind }) => kind,
    );
    expect([kinds, zalo.exchanges]).toEqual([['later', 'later', 'reauthorize'], []]);
  });

  it('is not touched by who says that he takes nothing now', async () => {
    zalo.failNext('exchange', { status: 503 }, { status: 429 });
    const kinds = [await replica().access(), await replica().access(), await replica().access()].map(
      ({ kind }) => kind,
    );
    expect([kinds, await stateOf()]).toEqual([['later', 'later', 'token'], 'ready']);
  });

  it('loses no pair to a database that is away when the pair has come', async () => {
    let isAway = true;
    class AwayOnce extends TokenPairRepository {
      override async replace(of: string, exchanged: string, pair: NewPair): Promise<void> {
        if (isAway) {
          isAway = false;
          throw new Error('the database is away');
        }
        await super.replace(of, exchanged, pair);
      }
    }
    const one = replica('first', new AwayOnce(database.database, 'x'));
    await expect(one.access()).rejects.toThrow('the database is away');
    expect([(await one.access()).kind, await stateOf(), zalo.exchanges]).toEqual(['token', 'ready', ['first']]);
  });

  it('lets answers leave by the access token that is still good', async () => {
    const one = replica();
    const access = await one.access();
    await write(`state = 'reauthorize'`);
    expect([await one.access(), await alert()]).toEqual([access, '1']);
  });
});
