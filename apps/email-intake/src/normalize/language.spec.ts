import { detectLanguage } from './language.js';

describe('detectLanguage', () => {
  it.each([
    ['Mạng trường tôi bị mất từ sáng nay.', 'vi'],
    ['Nhà mạng ơi', 'vi'],
    ['mang cua truong bi cham, nho quy cong ty kiem tra giup, xin cam on', 'vi'],
    ['The line has been down since this morning, please check.', 'en'],
    ['Dear team, we cannot reach the internet.', 'en'],
    ['', undefined],
    ['12345 67890 ---- ....', undefined],
    ['ok', undefined],
  ])('%s', async (text, expected) => {
    expect(await detectLanguage(text)).toBe(expected);
  });
});
