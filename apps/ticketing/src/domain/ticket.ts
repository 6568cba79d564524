import type { Channel, TicketPriority, TicketSnapshot, TicketStatus } from '#contracts';

/** What the standing resolution said, so that a reopening can take it back. */
export interface Resolution {
  readonly factId: string;
  readonly at: string;
  readonly seconds: number;
  readonly touches: number;
  readonly transfers: number;
  readonly snapshot: TicketSnapshot;
}

/** A ticket as decisions see it: plain data, a working copy that only TicketChange writes to. */
export interface TicketState {
  readonly id: string;
  readonly number: number;
  status: TicketStatus;
  priority: TicketPriority;
  readonly subject: string | null;
  readonly channel: Channel;
  readonly account: string;
  readonly conversationKey: string;
  customerId: string;
  identityId: string | null;
  organizationId: string | null;
  segment: string | null;
  teamId: string | null;
  agentId: string | null;
  categoryId: string | null;
  tags: string[];
  readonly reference: string | null;
  readonly language: string | null;
  /** `kind:value` of everybody in From, To and Cc; the first is who opened it. */
  participants: string[];
  sequence: number;
  readonly openedAt: Date;
  readonly createdAt: Date;
  readonly followUpOf: string | null;
  mergedInto: string | null;
  touched: boolean;
  answered: boolean;
  acknowledged: boolean;
  touches: number;
  transfers: number;
  reopens: number;
  resolvedAt: Date | null;
  /** When the network that the customer used last takes no answer any more. */
  windowClosesAt: Date | null;
  resolution: Resolution | null;
}

export function snapshotOf(ticket: TicketState): TicketSnapshot {
  return {
    channel: ticket.channel,
    account: ticket.account,
    ...(ticket.teamId === null ? {} : { team: ticket.teamId }),
    ...(ticket.agentId === null ? {} : { agent: ticket.agentId }),
    ...(ticket.categoryId === null ? {} : { category: ticket.categoryId }),
    priority: ticket.priority,
    status: ticket.status,
    ...(ticket.organizationId === null ? {} : { organizationId: ticket.organizationId }),
    ...(ticket.segment === null ? {} : { segment: ticket.segment }),
  };
}

export function isOpen(ticket: TicketState): boolean {
  return ticket.mergedInto === null && ticket.status !== 'resolved' && ticket.status !== 'closed';
}

/** `kind:value`, as participants are kept. */
export function participantKey(identity: { readonly kind: string; readonly value: string }): string {
  return `${identity.kind}:${identity.value}`;
}

const participantLimit = 200;

export function joinParticipants(known: readonly string[], more: readonly string[]): string[] {
  const fresh = more.filter((key) => !known.includes(key));
  return fresh.length === 0 ? [...known] : [...new Set([...known, ...fresh])].slice(0, participantLimit);
}

/** `PH-1024` */
export function ticketNumber(prefix: string, number: number): string {
  return `${prefix}-${number}`;
}

/** The rising number in `PH-1024`; undefined for anything else. */
export function parseTicketNumber(prefix: string, text: string): number | undefined {
  const match = /^([A-Z0-9]{1,10})-(\d{1,9})$/.exec(text.toUpperCase());
  return match?.[1] === prefix.toUpperCase() ? Number(match[2]) : undefined;
}

/** Whole seconds between two instants, never negative. */
export function secondsBetween(from: Date, to: Date): number {
  return Math.max(0, Math.round((to.getTime() - from.getTime()) / 1000));
}
