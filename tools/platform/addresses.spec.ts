import { createServer } from 'node:net';
import { type Addresses, addressesFrom, assertPortsAreFree } from './addresses.js';
import { freePort } from './ports.js';

describe('the ports of a platform', () => {
  it('are the documented ones for the documented base', () => {
    expect(addressesFrom(3_000)).toEqual({
      services: {
        'web-form-intake': 3_001,
        'email-intake': 3_002,
        'social-intake': 3_004,
        'phone-intake': 3_003,
        ticketing: 3_005,
        reporting: 3_006,
      },
      providers: { twilio: 3_080, telegram: 3_081, meta: 3_082, zalo: 3_083, zaloSignIn: 3_084 },
      smtp: 3_025,
      imap: 3_143,
      kafka: 19_092,
      kafkaController: 19_093,
      postgres: 15_432,
    });
  });

  it('all move with the base', () => {
    const portsOf = ({ services, providers, ...others }: Addresses) =>
      [services, providers, others].flatMap((ports) => Object.values<number>({ ...ports }));
    expect(portsOf(addressesFrom(5_200))).toEqual(portsOf(addressesFrom(3_000)).map((port) => port + 2_200));
  });

  it.each([0, 80, 60_000, 3.5, Number.NaN])('cannot start from %d', (base) => {
    expect(() => addressesFrom(base)).toThrow('PHANHOI_PORT_BASE');
  });

  it('must be free, and the error names the one that is not and the way out', async () => {
    const port = await freePort();
    const addresses = {
      ...addressesFrom(3_000),
      ...{ services: { ...addressesFrom(3_000).services, ticketing: port } },
    };
    const server = createServer().listen(port, '127.0.0.1');
    try {
      await expect(assertPortsAreFree(addresses, [], 0)).rejects.toThrow(
        new RegExp(`${port} \\(ticketing\\)[^]*PHANHOI_PORT_BASE=`),
      );
    } finally {
      server.close();
    }
  });
});
