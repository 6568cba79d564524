import { createHash } from 'node:crypto';
import type { Clock } from './clock.js';
import type { TicketState } from './ticket.js';
import type { TicketChange } from './ticket-change.js';
import { TicketWork } from './ticket-work.js';

let made = 0;

/** Ids that differ from each other and look like UUIDs. */
export function anId(): string {
  const hex = createHash('sha256').update(String(++made)).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function aClock(now = new Date('2026-03-10T08:00:00Z')): Clock {
  return { now, newId: anId };
}

export function aWork(now?: Date): TicketWork {
  return new TicketWork(aClock(now), 'PH');
}

export function aTicket(overrides: Partial<TicketState> = {}): TicketState {
  return {
    id: anId(),
    number: 1024,
    status: 'open',
    priority: 'normal',
    subject: 'Mất kết nối',
    channel: 'email',
    account: 'support',
    conversationKey: 'k'.repeat(32),
    customerId: anId(),
    identityId: anId(),
    organizationId: null,
    segment: null,
    teamId: null,
    agentId: null,
    categoryId: null,
    tags: [],
    reference: null,
    language: 'vi',
    participants: ['email:an@truong.example'],
    sequence: 0,
    openedAt: new Date('2026-03-10T07:00:00Z'),
    createdAt: new Date('2026-03-10T07:00:00Z'),
    followUpOf: null,
    mergedInto: null,
    touched: false,
    answered: false,
    acknowledged: false,
    touches: 0,
    transfers: 0,
    reopens: 0,
    resolvedAt: null,
    windowClosesAt: null,
    resolution: null,
    ...overrides,
  };
}

/** A unit of work that holds one ticket. */
export function opened(ticket: TicketState, now?: Date): { work: TicketWork; change: TicketChange } {
  const work = aWork(now);
  return { work, change: work.hold(ticket) };
}
