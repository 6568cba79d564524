import type { App, Channel } from './registries.js';

/** The families of channels that answer through the same intake app, hence share one reply topic. */
export type ReplyFamily = 'email' | 'phone';

export const topics = {
  feedbackReceived: 'feedback.received.v1',
  feedbackRaw: 'feedback.raw.v1',
  ticketChanged: 'ticket.changed.v1',
  replyDelivery: 'reply.delivery.v1',
  quarantineResolved: 'quarantine.resolved.v1',
  replyRequested: (family: ReplyFamily) => `reply.requested.v1.${family}` as const,
  dead: (app: string) => `dead.${app}.v1` as const,
  intakeReplay: (app: string) => `intake.replay.v1.${app}` as const,
} as const;

/**
 * Which intake answers on a channel, or undefined where the channel has no way back of its own.
 * A web form is answered by e-mail, so it is not listed here: ticketing picks the identity first.
 */
export function replyFamily(channel: Channel): ReplyFamily | undefined {
  if (channel === 'email') return 'email';
  return channel === 'sms' ? 'phone' : undefined;
}

export interface TopicDefinition {
  readonly name: string;
  readonly partitions: number;
  /** Broker settings; replication is the topic job's, since it depends on the cluster. */
  readonly config: Readonly<Record<string, string>>;
}

const day = 24 * 3_600_000;
const forEver = '-1';
/** Counts of the feedback and ticket topics never change: growth is a new generation of the topic. */
const partitions = 12;

function topic(name: string, config: Record<string, string>): TopicDefinition {
  return { name, partitions, config };
}
const keptFor = (days: number) => ({ 'cleanup.policy': 'delete', 'retention.ms': String(days * day) });

/** Every topic that the given apps write or read. Source: the table in docs/architecture.md. */
export function topicDefinitions(apps: readonly App[]): TopicDefinition[] {
  const intakes = apps.filter((app) => app.endsWith('-intake'));
  return [
    topic(topics.feedbackReceived, {
      'cleanup.policy': 'compact',
      'retention.ms': forEver,
      'max.compaction.lag.ms': String(day),
      // Event plus head-room: one event is at most 256 KiB.
      'max.message.bytes': '1048588',
    }),
    topic(topics.feedbackRaw, { 'cleanup.policy': 'compact,delete', 'retention.ms': String(90 * day) }),
    topic(topics.ticketChanged, { 'cleanup.policy': 'delete', 'retention.ms': forEver }),
    topic(topics.replyRequested('email'), keptFor(14)),
    topic(topics.replyRequested('phone'), keptFor(14)),
    topic(topics.replyDelivery, keptFor(14)),
    topic(topics.quarantineResolved, keptFor(90)),
    ...apps.map((app) => topic(topics.dead(app), keptFor(90))),
    ...intakes.map((app) => topic(topics.intakeReplay(app), keptFor(14))),
  ];
}
