import type { MessageHandler } from '@nestjs/microservices';
import type { BatchHandlerSpec } from './batch-handler.js';

export interface TopicHandler {
  readonly spec: BatchHandlerSpec;
  readonly handler: MessageHandler;
}

/**
 * Proves at start that every consumed topic has exactly one handler.
 * @param topics where given, the topics that must be consumed, no more and no fewer.
 * @throws an error that names the topics.
 */
export function assertOneHandlerPerTopic(
  handlers: ReadonlyMap<string, MessageHandler>,
  topics: readonly string[] = [...handlers.keys()],
): TopicHandler[] {
  const missing = topics.filter((topic) => !handlers.has(topic));
  if (missing.length > 0) throw new Error(`no @BatchHandler for ${missing.join(', ')}`);
  const extra = [...handlers.keys()].filter((topic) => !topics.includes(topic));
  if (extra.length > 0) throw new Error(`@BatchHandler for topics that the app does not consume: ${extra.join(', ')}`);
  const doubled = [...handlers].filter(([, handler]) => handler.next !== undefined).map(([topic]) => topic);
  if (doubled.length > 0) throw new Error(`more than one @BatchHandler for ${doubled.join(', ')}`);
  return [...handlers].map(([topic, handler]) => ({ spec: specOf(topic, handler), handler }));
}

function specOf(topic: string, handler: MessageHandler): BatchHandlerSpec {
  const spec = handler.extras?.batchHandler as BatchHandlerSpec | undefined;
  if (spec === undefined) throw new Error(`${topic}: use @BatchHandler, not @EventPattern or @MessagePattern`);
  return spec;
}
