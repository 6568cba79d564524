/** What the sender of a mail is told that was kept but not taken, in both languages, since the mail could not be read. */
const reasons: Record<string, readonly [string, string]> = {
  message_too_large: ['thư quá lớn', 'it is too large'],
  header_too_large: ['phần đầu thư quá dài', 'its header is too long'],
  too_many_recipients: ['thư có quá nhiều người nhận', 'it has too many recipients'],
  too_many_parts: ['thư có quá nhiều phần', 'it has too many parts'],
  too_deeply_nested: ['cấu trúc thư quá phức tạp', 'its structure is too deep'],
};
const unreadable = ['không đọc được thư', 'it could not be read'] as const;

export function refusalText(reason: string): string {
  const [vi, en] = reasons[reason] ?? unreadable;
  return [
    `Kính gửi Quý khách,`,
    ``,
    `Chúng tôi đã nhận được thư của Quý khách nhưng chưa thể xử lý tự động: ${vi}. Thư được giữ lại để nhân viên kiểm tra. Nếu cần gấp, xin gửi lại thư ngắn gọn hơn.`,
    ``,
    `We have received your mail but could not process it automatically: ${en}. It is kept for our staff to look at. If it is urgent, please send a shorter mail.`,
    ``,
  ].join('\n');
}
