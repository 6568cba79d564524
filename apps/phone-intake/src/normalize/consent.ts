/**
 * Words that stand alone in a message. English as Twilio takes them (twilio.com/docs/messaging/tutorials/advanced-opt-out, 2026-11-22).
 * Vietnamese without marks only where that is no other word: "dung" may be "đúng" (yes), "huy" is a name.
 */
const words = {
  stop: [
    ...['stop', 'stopall', 'unsubscribe', 'cancel', 'end', 'quit', 'revoke', 'optout'],
    ...['từ chối', 'tu choi', 'hủy', 'huỷ', 'dừng', 'ngừng', 'ngung nhan tin'],
  ],
  start: ['start', 'unstop', 'bắt đầu', 'bat dau', 'đăng ký', 'dang ky', 'đồng ý nhận tin'],
  help: ['help', 'info', 'trợ giúp', 'tro giup', 'hướng dẫn', 'huong dan'],
} as const;

/** What a message says about being written to, if it says nothing else. */
export function consentWordOf(text: string): 'stop' | 'start' | 'help' | undefined {
  if (text.length > 40) return undefined;
  const bare = text
    .normalize('NFC')
    .toLowerCase()
    .replaceAll(/[.!"'\s]+/g, ' ')
    .trim();
  for (const meaning of ['stop', 'start', 'help'] as const)
    if ((words[meaning] as readonly string[]).includes(bare)) return meaning;
  return undefined;
}
