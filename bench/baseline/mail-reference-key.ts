import { uuidV5 } from '#contracts';

/** The key under which the stock consumer finds a Message-ID. */
export const mailReferenceKey = (messageId: string): string => uuidV5('stock-mail', messageId);
