import fc from 'fast-check';
import { cutReply } from './quoted.js';

const answer = 'Mạng đã chạy lại, cảm ơn quý công ty.';

/** Headers as the programs write them, each with the lines that follow it. */
const histories: readonly (readonly [string, string])[] = [
  [
    'Gmail vi',
    'Vào Th 2, 20 thg 11, 2026 vào lúc 12:30 Hỗ trợ <support@care.example.vn> đã viết:\n> Chào anh\n> Mạng sao rồi?',
  ],
  [
    'Gmail vi, wrapped',
    'Vào Th 2, 20 thg 11, 2026 vào lúc 12:30 Bộ phận Chăm sóc khách hàng <\nsupport@care.example.vn> đã viết:\n\n> Chào anh',
  ],
  ['Gmail en', 'On Mon, Nov 20, 2026 at 12:30 PM Support <support@care.example.vn> wrote:\n\n> Hello'],
  [
    'Gmail en, wrapped',
    'On Mon, Nov 20, 2026 at 12:30 PM Support of the company <\nsupport@care.example.vn> wrote:\n> Hello',
  ],
  ['Gmail ISO date', '2026-11-20 12:30 GMT+07:00 Support <support@care.example.vn>:\n> Hello'],
  ['Apple Mail en', 'On 20 Nov 2026, at 12:30, Support <support@care.example.vn> wrote:\n\n> Hello'],
  ['Apple Mail vi', 'Vào 12:30, 20 thg 11, 2026, Hỗ trợ <support@care.example.vn> đã viết:\n\n> Chào'],
  ['Thunderbird en', 'On 11/20/26 12:30, Support wrote:\n> Hello'],
  ['Thunderbird vi', 'Vào lúc 12:30 Ngày 20/11/2026, Hỗ trợ đã viết:\n> Chào'],
  [
    'Outlook en',
    'From: Support <support@care.example.vn>\nSent: Monday, November 20, 2026 12:30 PM\nTo: Lan\nSubject: Re: Mat mang\n\nHello',
  ],
  [
    'Outlook vi',
    'Từ: Hỗ trợ <support@care.example.vn>\nĐã gửi: Thứ Hai, 20 Tháng Mười Một 2026 12:30\nĐến: Lan\nChủ đề: Re: Mất mạng\n\nChào anh',
  ],
  [
    'Outlook with bold names',
    '*From:* Support <support@care.example.vn>\n*Sent:* Monday, November 20, 2026\n*To:* Lan\n\nHello',
  ],
  ['Outlook old', '-----Original Message-----\nFrom: Support\nHello'],
  ['Outlook old, vi', '-----Thư gốc-----\nTừ: Hỗ trợ\nChào'],
  ['Zoho', '---- On Fri, 20 Nov 2026 10:00:00 +0700 Support <support@care.example.vn> wrote ----\nHello'],
  ['Yahoo', 'On Monday, November 20, 2026, 12:30 PM, Support <support@care.example.vn> wrote:\n\nHello there'],
  ['a signature', '-- \nNguyễn Thị Lan\nTrường THCS Lê Lợi'],
  ['iPhone vi', 'Đã gửi từ iPhone của tôi'],
  ['iPhone en', 'Sent from my iPhone'],
  ['Outlook for Android', 'Get Outlook for Android'],
];

describe('cutReply', () => {
  it.each(histories)('cuts what %s puts behind an answer', (_program, history) => {
    const cut = cutReply(`${answer}\n\n${history}\n`, true);
    expect(cut.text).toBe(answer);
    expect(cut.quoted.replace(/\s/g, '')).toBe(history.replace(/\s/g, ''));
  });

  it.each([
    ['a sentence that begins like a header', 'Vào ngày 20/11 mạng bị mất.\nNhờ kiểm tra.'],
    ['a list of what was wrong', 'Từ: 8h đến 10h mạng chậm\nSau đó thì ổn.'],
    ['an English sentence', 'On Monday the line was down.\nPlease check.'],
    ['several paragraphs', 'Một.\n\nHai.\n\nBa.'],
  ])('leaves %s alone', (_name, text) => {
    expect(cutReply(text, true)).toEqual({ text, quoted: '' });
  });

  it('keeps answers that stand between quoted questions', () => {
    const mail =
      'Vào 12:30, 20 thg 11, 2026, Hỗ trợ <a@b.vn> đã viết:\n> Mất từ khi nào?\nTừ 8 giờ.\n> Ở đâu?\nPhòng tin học.';
    expect(cutReply(mail, true)).toEqual({
      text: 'Từ 8 giờ.\nPhòng tin học.',
      quoted: 'Vào 12:30, 20 thg 11, 2026, Hỗ trợ <a@b.vn> đã viết:\n> Mất từ khi nào?\n> Ở đâu?',
    });
  });

  it('keeps everything of a first mail that looks like nothing but history', () => {
    const mail = 'From: A <a@b.vn>\nSent: today\nTo: c\n\nHello';
    expect(cutReply(mail, false)).toEqual({ text: mail, quoted: '' });
  });

  it.each([
    ['one endless line', `On ${'a '.repeat(100_000)}`],
    ['lines that all begin like a header', 'On a\n'.repeat(50_000)],
    ['lines that begin like a Dutch header', 'Op a schreef\n'.repeat(20_000)],
    ['dashes', `${'-'.repeat(100_000)}\n`.repeat(3)],
    ['Vietnamese headers that never end', 'Vào lúc \n'.repeat(50_000)],
    ['quote marks', `${'>'.repeat(1_000)}\n`.repeat(200)],
    ['header names', 'Từ: x\n'.repeat(30_000)],
  ])('takes %s in bounded time', (_name, text) => {
    const started = performance.now();
    cutReply(text, true);
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  it('loses no word', () => {
    const line = fc.oneof(
      fc.constantFrom(...histories.flatMap(([, history]) => history.split('\n'))),
      fc.stringMatching(/^[a-z >:-]{0,30}$/),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 30 }), fc.boolean(), (lines, answers) => {
        const text = lines.join('\n');
        const { text: kept, quoted } = cutReply(text, answers);
        const letters = (of: string) => [...of.replace(/[^\p{L}\p{N}]/gu, '')].sort().join('');
        expect(letters(kept + quoted)).toBe(letters(text));
      }),
      { numRuns: 300 },
    );
  });
});
