import type { App, Channel } from './registries.js';

/** The families of channels that answer through the same intake app, hence share one reply topic. */
export const replyFamilies = ['email', 'phone', 'social'] as const;
export type ReplyFamily = (typeof replyFamilies)[number];

export const topics = {
  feedbackReceived: 'feedback.received.v1',
  feedbackRaw: 'feedback.raw.v1',
  ticketChanged: 'ticket.changed.v1',
  replyDelivery: 'reply.delivery.v1',
  quarantineResolved: 'quarantine.resolved.v1',
  ledger: 'intake.ledger.v1',
  replyRequested: (family: ReplyFamily) => `reply.requested.v1.${family}` as const,
  dead: (app: string) => `dead.${app}.v1` as const,
  intakeReplay: (app: string) => `intake.replay.v1.${app}` as const,
} as const;

/**
 * Which intake answers on a channel, or undefined where the channel has no way back of its own: web forms and calls
 * are answered on another identity of the customer, which ticketing picks first.
 */
export function replyFamily(channel: Channel): ReplyFamily | undefined {
  switch (channel) {
    case 'email':
      return 'email';
    case 'sms':
      return 'phone';
    case 'web_form':
    case 'phone':
      return undefined;
    default:
      return 'social';
  }
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
    ...replyFamilies.map((family) => topic(topics.replyRequested(family), keptFor(14))),
    topic(topics.replyDelivery, keptFor(14)),
    topic(topics.quarantineResolved, keptFor(90)),
    topic(topics.ledger, keptFor(400)),
    ...apps.map((app) => topic(topics.dead(app), keptFor(90))),
    ...intakes.map((app) => topic(topics.intakeReplay(app), keptFor(14))),
  ];
}
