import type { Channel, FeedbackReceived } from '#contracts';

const mails = {
  vi: (name: string, number: string) =>
    `Kính chào ${name},\n\nChúng tôi đã nhận được phản ánh của Quý khách với mã ${number}. Bộ phận chăm sóc khách hàng sẽ trả lời trong thời gian sớm nhất. Để bổ sung thông tin, Quý khách chỉ cần trả lời thư này.\n\nTrân trọng.`,
  en: (name: string, number: string) =>
    `Dear ${name},\n\nWe have received your message; its number is ${number}. Our customer care will answer as soon as possible. To add anything, simply reply to this mail.\n\nKind regards.`,
} as const;
/** A short message is paid by its length. */
const chats = {
  vi: (number: string) =>
    `Chúng tôi đã nhận được phản ánh của Quý khách, mã ${number}, và sẽ trả lời sớm nhất. Quý khách có thể nhắn thêm tại đây.`,
  en: (number: string) =>
    `We have received your message, number ${number}, and will answer as soon as possible. You can add to it here.`,
} as const;
const nobody = { vi: 'Quý khách', en: 'customer' } as const;

function languageOf(event: FeedbackReceived, fallback: string): 'vi' | 'en' {
  const stated = (event.language ?? event.author.locale ?? fallback).toLowerCase();
  return stated.startsWith('en') ? 'en' : 'vi';
}

/** @param fallback BCP 47 language of the text where the customer's is unknown. */
export function acknowledgementText(
  event: FeedbackReceived,
  by: { readonly number: string; readonly channel: Channel; readonly fallback: string },
): string {
  const language = languageOf(event, by.fallback);
  if (by.channel !== 'email') return chats[language](by.number);
  const name = event.author.displayName?.slice(0, 100) ?? nobody[language];
  const both = event.reference === undefined ? by.number : `${by.number} (${event.reference})`;
  return mails[language](name, both);
}
