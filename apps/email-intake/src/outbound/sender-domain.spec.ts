import { jest } from '@jest/globals';
import { checkSenderDomain, type Finding, type TxtLookup } from './sender-domain.js';

const zone = (records: Readonly<Record<string, readonly string[]>>): TxtLookup => {
  return async (name) => records[name] ?? [];
};

describe('SPF, as the receivers of our mail read it', () => {
  const cases: [string, readonly string[], Finding][] = [
    ['a policy that ends in a soft refusal', ['v=spf1 include:_spf.example.vn ~all'], 'ok'],
    ['a policy that refuses', ['v=spf1 ip4:192.0.2.1 -all'], 'ok'],
    ['a policy that lies elsewhere', ['v=spf1 redirect=_spf.example.vn'], 'ok'],
    ['another record beside it', ['google-site-verification=abc', 'V=SPF1 mx -all'], 'ok'],
    ['everybody may send', ['v=spf1 +all'], 'weak'],
    ['no word about the others', ['v=spf1 mx'], 'weak'],
    ['neutral about the others', ['v=spf1 mx ?all'], 'weak'],
    ['two policies', ['v=spf1 mx -all', 'v=spf1 a -all'], 'ambiguous'],
    ['a version that only looks like it', ['v=spf10 mx -all'], 'missing'],
    ['nothing', [], 'missing'],
  ];
  it.each(cases)('%s', async (_what, records, expected) => {
    const checked = await checkSenderDomain('congty.vn', undefined, zone({ 'congty.vn': records }));
    expect(checked?.spf).toBe(expected);
  });
});

describe('DKIM', () => {
  const cases: [string, readonly string[], Finding][] = [
    ['a key', ['v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEB'], 'ok'],
    ['a key without version', ['p=MIGfMA0GCSqGSIb3DQEB'], 'ok'],
    ['a revoked key', ['v=DKIM1; p='], 'missing'],
    ['no record', [], 'missing'],
  ];
  it.each(cases)('%s', async (_what, records, expected) => {
    const checked = await checkSenderDomain('congty.vn', 's1', zone({ 's1._domainkey.congty.vn': records }));
    expect(checked?.dkim).toBe(expected);
  });

  it('is not asked for without a selector', async () => {
    expect((await checkSenderDomain('congty.vn', undefined, zone({})))?.dkim).toBe('not_asked');
  });
});

describe('DMARC', () => {
  const cases: [string, Readonly<Record<string, readonly string[]>>, Finding][] = [
    ['a policy of its own', { '_dmarc.cs.congty.vn': ['v=DMARC1; p=reject; rua=mailto:x@congty.vn'] }, 'ok'],
    ['the policy of the organization', { '_dmarc.congty.vn': ['v=DMARC1; p=quarantine'] }, 'ok'],
    [
      'its own goes before the organization',
      { '_dmarc.cs.congty.vn': ['v=DMARC1; p=none'], '_dmarc.congty.vn': ['v=DMARC1; p=reject'] },
      'weak',
    ],
    ['a policy for subdomains only', { '_dmarc.cs.congty.vn': ['v=DMARC1; p=none; sp=reject'] }, 'weak'],
    ['two policies', { '_dmarc.congty.vn': ['v=DMARC1; p=reject', 'v=DMARC1; p=none'] }, 'ambiguous'],
    ['a record of something else', { '_dmarc.congty.vn': ['p=reject'] }, 'missing'],
    ['of a top-level domain', { '_dmarc.vn': ['v=DMARC1; p=reject'] }, 'missing'],
  ];
  it.each(cases)('%s', async (_what, records, expected) => {
    expect((await checkSenderDomain('cs.congty.vn', undefined, zone(records)))?.dmarc).toBe(expected);
  });
});

it('says unknown while no name server answers', async () => {
  const checked = await checkSenderDomain('congty.vn', 's1', async () => undefined);
  expect(checked).toEqual({ domain: 'congty.vn', spf: 'unknown', dkim: 'unknown', dmarc: 'unknown' });
});

it.each(['phanhoi.test', 'mail.example', 'example.com', 'localhost'])('asks nobody about %s', async (domain) => {
  const asked = jest.fn(async () => []);
  expect(await checkSenderDomain(domain, undefined, asked)).toBeUndefined();
  expect(asked).not.toHaveBeenCalled();
});
