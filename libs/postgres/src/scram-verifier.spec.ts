import { scramVerifier } from './scram-verifier.js';

describe('scramVerifier', () => {
  it('is what RFC 7677, section 3, computes for its example', () => {
    const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64');
    expect(scramVerifier('pencil', salt)).toBe(
      'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
    );
  });

  it.each(['', 'mật khẩu', 'a\nb'])('refuses %p', (password) => {
    expect(() => scramVerifier(password)).toThrow('printable ASCII');
  });
});
