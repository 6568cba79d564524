import { ClientLimits, clientOf } from './client-limits.js';

describe('ClientLimits', () => {
  it('refuses what comes after the window is used up, and says when to come again', async () => {
    const limits = new ClientLimits({ requests: 2, windowSeconds: 60 });
    expect([await limits.take('192.0.2.1'), await limits.take('192.0.2.1'), await limits.take('192.0.2.2')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    const refusal = await limits.take('192.0.2.1');
    expect(refusal).toMatchObject({ kind: 'too_many', code: 'too_many_requests' });
    expect(refusal?.retryAfterSeconds).toBeGreaterThan(50);
  });

  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:DB8:1:2::6', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['not an address', 'not an address'],
  ])('counts %s as %s', (address, client) => {
    expect(clientOf(address)).toBe(client);
  });
});
