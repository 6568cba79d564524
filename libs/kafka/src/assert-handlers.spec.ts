import type { MessageHandler } from '@nestjs/microservices';
import { contracts, topics } from '#contracts';
import { assertOneHandlerPerTopic } from './assert-handlers.js';
import { type BatchContext, BatchHandler, type Consumed } from './batch-handler.js';

class Handlers {
  @BatchHandler<unknown>({ topic: topics.replyRequested('email'), contract: contracts.replyRequested })
  async ofReplies(_batch: readonly Consumed<unknown>[], _context: BatchContext): Promise<void> {
    throw new Error('as usual');
  }
}

const handlerOf = (topic: string): MessageHandler =>
  Object.assign(() => Promise.resolve(), {
    isEventHandler: true,
    extras: { batchHandler: { topic, decode: () => ({ ok: false }) } },
  });

describe('assertOneHandlerPerTopic', () => {
  const one = new Map([['a', handlerOf('a')]]);

  it('gives each topic its handler', () => {
    expect(assertOneHandlerPerTopic(one, ['a']).map(({ spec }) => spec.topic)).toEqual(['a']);
  });

  it.each([
    ['a topic without handler', one, ['a', 'b'], 'no @BatchHandler for b'],
    ['a handler too many', one, [], 'topics that the app does not consume: a'],
    [
      'two for a topic',
      new Map([['a', Object.assign(handlerOf('a'), { next: handlerOf('a') })]]),
      ['a'],
      'more than one @BatchHandler for a',
    ],
    ['a plain event pattern', new Map([['a', () => Promise.resolve()]]), ['a'], 'a: use @BatchHandler'],
  ])('refuses %s', (_, handlers, wanted, message) => {
    expect(() => assertOneHandlerPerTopic(handlers, wanted)).toThrow(message);
  });

  it('leaves the errors of a handler alone when a test calls it', async () => {
    const context: BatchContext = { settle: async () => {}, heartbeat: async () => {}, rebalancing: false };
    await expect(new Handlers().ofReplies([], context)).rejects.toThrow('as usual');
  });
});
