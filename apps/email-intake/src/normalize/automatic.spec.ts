import { classifyAutomatic } from './automatic.js';
import { parseHeaderBlock } from './header.js';

describe('automatic mail', () => {
  it.each([
    ['a person', '', 'Mất mạng', 'none'],
    ['a person whose client says so', 'Auto-Submitted: no', 'Mất mạng', 'none'],
    ['RFC 3834', 'Auto-Submitted: auto-generated', 'Report', 'auto_reply'],
    ['RFC 3834 with a parameter', 'Auto-Submitted: auto-replied; owner-email="a@b.vn"', 'Re: x', 'auto_reply'],
    ['out of office', 'Auto-Submitted: auto-replied', 'Automatic reply: x', 'out_of_office'],
    ['out of office in Vietnamese', 'X-Auto-Response-Suppress: All', 'Trả lời tự động: x', 'out_of_office'],
    ['Exchange', 'X-Auto-Response-Suppress: DR, OOF', 'x', 'auto_reply'],
    ['an old responder', 'X-Autoreply: yes', 'x', 'out_of_office'],
    ['precedence auto_reply', 'Precedence: auto_reply', 'x', 'auto_reply'],
    ['a list', 'List-Id: <news.example.vn>', 'x', 'list'],
    ['a newsletter', 'Precedence: bulk\r\nAuto-Submitted: auto-generated', 'x', 'list'],
    ['our own loop header', 'X-PhanHoi-Loop: support\r\nAuto-Submitted: auto-replied', 'x', 'loop'],
    ['a null return path', 'Return-Path: <>', 'x', 'auto_reply'],
    ['an old bounce', 'Return-Path: <>', 'Undelivered Mail Returned to Sender', 'bounce'],
    [
      'Gmail without a status',
      'Return-Path: <>\r\nX-Failed-Recipients: a@b.vn',
      'Delivery Status Notification (Failure)',
      'bounce',
    ],
  ] as const)('%s', (_name, lines, subject, expected) => {
    expect(
      classifyAutomatic({ header: parseHeaderBlock(lines), subject, author: 'a@b.vn', report: undefined, ours: false }),
    ).toBe(expected);
  });

  it.each([
    [{ action: 'failed', permanent: true } as const, 'bounce'],
    [{ action: 'delayed', permanent: false } as const, 'auto_reply'],
    [{ action: 'delivered', permanent: false } as const, 'auto_reply'],
  ])('a report that says %o is %s', (report, expected) => {
    expect(
      classifyAutomatic({
        header: parseHeaderBlock('Return-Path: <>'),
        subject: 'x',
        author: undefined,
        report,
        ours: false,
      }),
    ).toBe(expected);
  });
});
