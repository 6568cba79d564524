import { accountSource, readAccountSource } from './account-source.js';

describe('readAccountSource', () => {
  it.each([
    [accountSource({ channel: 'zalo', account: 'oa-1' }), { channel: 'zalo', account: 'oa-1' }],
    [accountSource({ channel: 'web_form', account: 'Góp ý' }), { channel: 'web_form', account: 'Góp ý' }],
    ['/phanhoi/ticketing', undefined],
    ['/phanhoi/zalo/oa/more', undefined],
    ['/phanhoi//oa', undefined],
    ['/other/zalo/oa', undefined],
    ['/phanhoi/zalo/a\u0000b', undefined],
    ['/phanhoi/zalo/a\nb', undefined],
    [`/phanhoi/${'c'.repeat(41)}/oa`, undefined],
    [`/phanhoi/zalo/${'a'.repeat(101)}`, undefined],
    ['', undefined],
  ])('%j', (source, origin) => {
    expect(readAccountSource({ ce_source: source })).toEqual(origin);
  });

  it('finds none where there are no headers', () => {
    expect(readAccountSource({})).toBeUndefined();
  });
});
