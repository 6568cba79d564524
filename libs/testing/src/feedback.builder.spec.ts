import { feedbackReceivedSchema, replyDeliverySchema, replyRequestedSchema } from '#contracts';
import { aFeedback, aReplyDelivery, aReplyRequested } from './feedback.builder.js';

describe('builders', () => {
  it.each([
    ['aFeedback', feedbackReceivedSchema, aFeedback],
    ['aReplyRequested', replyRequestedSchema, aReplyRequested],
    ['aReplyDelivery', replyDeliverySchema, aReplyDelivery],
  ])('%s makes what its contract accepts unchanged', (_name, schema, build) => {
    const built = build();
    expect(schema.parse(built)).toEqual(built);
  });

  it('makes another feedback each time', () => {
    expect(aFeedback().id).not.toBe(aFeedback().id);
  });

  it('lets the id follow from what is overridden', () => {
    const provider = { name: 'imap', messageId: '<one@example.org>', receivedVia: 'poll' as const };
    expect(aFeedback({ provider }).id).toBe(aFeedback({ provider }).id);
    expect(aFeedback({ provider, account: 'sales' }).id).not.toBe(aFeedback({ provider }).id);
  });
});
