import { ticketStatuses, type TicketStatus } from '#contracts';
import fc from 'fast-check';
import { changeTicket } from './commands.js';
import { canMove, closeWhenDue, customerWrote, isBeyondReopening, moveTo, reopenWindowMs } from './status.js';
import { aTicket, opened } from './work-fixture.js';
import { isOpen } from './ticket.js';

const agent = { kind: 'agent' as const, id: 'a1' };

it.each([
  ['new', 'open', true],
  ['new', 'closed', false],
  ['open', 'new', false],
  ['pending', 'resolved', true],
  ['resolved', 'open', true],
  ['resolved', 'pending', false],
  ['resolved', 'closed', true],
  ['closed', 'open', false],
] as const)('%s → %s: %s', (from, to, allowed) => {
  expect(canMove(from, to)).toBe(allowed);
});

it.each([
  ['new', 'new', []],
  ['open', 'open', []],
  ['pending', 'open', ['status_changed']],
  ['on_hold', 'open', ['status_changed']],
  ['resolved', 'open', ['status_changed']],
] as const)('a customer’s message makes a ticket that is %s %s', (from, to, types) => {
  const { change } = opened(aTicket({ status: from }));

  customerWrote(change, new Date());

  expect(change.ticket.status).toBe(to);
  expect(change.facts.map(({ type }) => type)).toEqual(types);
});

it('closes a resolved ticket after seven days, not a millisecond before', () => {
  const resolvedAt = new Date('2026-03-01T00:00:00Z');
  const ticket = () => opened(aTicket({ status: 'resolved', resolvedAt })).change;
  const due = new Date(resolvedAt.getTime() + reopenWindowMs);

  expect(closeWhenDue(ticket(), new Date(due.getTime() - 1))).toBe(false);
  const closing = ticket();
  expect(closeWhenDue(closing, due)).toBe(true);
  expect(closing.facts.map(({ type, actor }) => [type, actor.kind])).toEqual([
    ['status_changed', 'system'],
    ['closed', 'system'],
  ]);
});

it('refuses a move that the table does not allow, and changes nothing', () => {
  const { change, work } = opened(aTicket({ status: 'open' }));

  expect(changeTicket(change, work, agent, { status: 'closed', priority: 'high' })).toEqual({
    kind: 'refused',
    reason: 'transition',
    from: 'open',
    to: 'closed',
  });
  expect(change.facts).toEqual([]);
  expect(change.ticket.priority).toBe('normal');
});

describe('whatever is done to a ticket', () => {
  const steps = fc.array(fc.constantFrom<TicketStatus | 'customer'>(...ticketStatuses, 'customer'), { maxLength: 30 });

  function walk(path: readonly (TicketStatus | 'customer')[]) {
    const { change, work } = opened(aTicket({ status: 'new' }));
    for (const step of path) {
      if (step === 'customer') {
        if (!isBeyondReopening(change.ticket, work.clock.now)) customerWrote(change, work.clock.now);
      } else changeTicket(change, work, agent, { status: step });
    }
    return change;
  }

  it('sequences rise by one, and every status change is one that the table allows', () => {
    fc.assert(
      fc.property(steps, (path) => {
        const { facts } = walk(path);
        expect(facts.map(({ sequence }) => sequence)).toEqual(facts.map((_, index) => index + 1));
        for (const fact of facts) {
          if (fact.type === 'status_changed') {
            expect(canMove(fact.from as TicketStatus, fact.to as TicketStatus)).toBe(true);
          }
        }
      }),
    );
  });

  it('resolutions less reopenings tell whether it stands resolved, and each reopening takes back the one before', () => {
    fc.assert(
      fc.property(steps, (path) => {
        const { facts, ticket } = walk(path);
        const open: string[] = [];
        for (const fact of facts) {
          if (fact.type === 'resolved') open.push(fact.id);
          if (fact.type === 'reopened') expect(fact.retracts).toBe(open.pop());
        }
        expect(open).toHaveLength(isOpen(ticket) ? 0 : 1);
      }),
    );
  });
});

it('computes what a resolution took', () => {
  const openedAt = new Date('2026-03-01T00:00:00Z');
  const { change } = opened(aTicket({ status: 'open', openedAt, touches: 2, transfers: 1 }));

  moveTo(change, 'resolved', new Date('2026-03-01T01:00:00Z'), agent);

  expect(change.facts.at(-1)).toMatchObject({ type: 'resolved', seconds: 3600, touches: 2, transfers: 1 });
});
