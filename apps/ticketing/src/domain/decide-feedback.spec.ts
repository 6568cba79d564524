import { createPlusAddress, createReplyMessageId, type FeedbackReceived } from '#contracts';
import { aFeedback } from '#testing';
import fc from 'fast-check';
import { decideFeedback } from './decide-feedback.js';
import {
  FeedbackWorld,
  type IdentityState,
  type IncomingFeedback,
  newCustomer,
  opensForSure,
} from './feedback-world.js';
import { referenceKey, threadMaterialOf } from './thread-material.js';
import { participantKey } from './ticket.js';
import { anId, aTicket, aWork } from './work-fixture.js';

const rules = { secrets: ['s'.repeat(32)], prefix: 'PH' } as const;

const incomingOf = (event: FeedbackReceived): IncomingFeedback => ({
  event,
  material: event.channel === 'email' ? threadMaterialOf(event, rules) : undefined,
  trace: {},
  proposedTicketId: anId(),
});

/** A world as the loader fills it for these events, with nothing in the database. */
function worldFor(batch: readonly IncomingFeedback[]): FeedbackWorld {
  const numbers = Array.from({ length: batch.length }, (_, index) => index + 1);
  const world = new FeedbackWorld(aWork(), numbers, { whatsappTemplates: false });
  for (const { event, material } of batch) {
    world.conversations.set(event.conversationKey, { key: event.conversationKey, ticketId: null });
    const { identity } = event.author;
    if (identity !== undefined && !world.identities.has(participantKey(identity))) {
      const known: IdentityState = { id: anId(), customerId: anId(), ...identity };
      world.identities.set(participantKey(identity), known);
      world.customers.set(known.customerId, newCustomer(known.customerId, event));
    }
    for (const key of material === undefined ? [] : [material.own, ...material.lockedParents]) {
      world.references.set(key, { key, ticketId: null, messageId: null, revision: null, waiting: [] });
    }
  }
  for (const incoming of batch.filter(opensForSure)) {
    const own = world.references.get(incoming.material?.own ?? '');
    if (own === undefined) continue;
    own.ticketId = incoming.proposedTicketId;
    own.messageId = incoming.event.id;
    own.revision = incoming.material?.revision ?? null;
  }
  return world;
}

/** Decides the events in order; `known` fills the world with what was there before. */
function decideAll(events: readonly FeedbackReceived[], known: (world: FeedbackWorld) => void = () => undefined) {
  const batch = events.map(incomingOf);
  const world = worldFor(batch);
  known(world);
  return { world, decisions: batch.map((incoming) => decideFeedback(incoming, world)) };
}

const standing = (world: FeedbackWorld) => [...world.work.all()].filter(({ ticket }) => ticket.mergedInto === null);
const by = (name: string) => ({ identity: { kind: 'email' as const, value: `${name}@a.example` }, verified: true });
const mail = (id: string, parent?: string, overrides: Partial<FeedbackReceived> = {}): FeedbackReceived =>
  aFeedback({
    provider: { name: 'imap', messageId: `<${id}@x>`, receivedVia: 'poll' },
    thread: {
      ...(parent === undefined ? {} : { inReplyTo: `<${parent}@x>` }),
      references: parent === undefined ? [] : [`<${parent}@x>`],
      hints: [],
    },
    text: id,
    ...overrides,
  });

it('puts a thread of mails into one ticket, in whatever order they are consumed', () => {
  // A chain or a tree: each mail answers an earlier one.
  const tree = fc.array(fc.nat(), { minLength: 1, maxLength: 8 }).map((choices) => {
    const mails = [mail('m0')];
    for (const [index, choice] of choices.entries()) mails.push(mail(`m${index + 1}`, `m${choice % mails.length}`));
    return mails;
  });
  const shuffled = tree.chain((mails) =>
    fc.shuffledSubarray(mails, { minLength: mails.length, maxLength: mails.length }),
  );

  fc.assert(
    fc.property(shuffled, (mails) => {
      const { world } = decideAll(mails);
      const [ticket, ...others] = standing(world);
      expect(others).toEqual([]);
      expect(world.work.messages.map(({ ticketId }) => ticketId)).toEqual(mails.map(() => ticket?.ticket.id));
      expect(world.work.moves).toHaveLength([...world.work.all()].length - 1);
    }),
  );
});

it('never lets a stranger into a ticket by a quoted reference, in whatever order', () => {
  const parts = [
    mail('m0', undefined, { author: by('an') }),
    mail('m1', 'm0', { author: by('stranger') }),
    mail('m2', 'm0', { author: by('an') }),
  ];
  fc.assert(
    fc.property(fc.shuffledSubarray(parts, { minLength: 3, maxLength: 3 }), (mails) => {
      const { world } = decideAll(mails);
      const ticketOf = (id: string) => world.work.messages.find(({ text }) => text === id)?.ticketId;
      expect(ticketOf('m2')).toBe(ticketOf('m0'));
      expect(ticketOf('m1')).not.toBe(ticketOf('m0'));
    }),
  );
});

describe('proofs and claims', () => {
  const ticket = aTicket({ number: 7, participants: ['email:an@a.example'], reference: 'F-0123456789A' });
  const replyId = anId();
  const ours = createReplyMessageId({ replyId, conversationKey: 'a'.repeat(32), domain: 'x.vn' }, rules.secrets);
  const forged = ours.replace(/\.[0-9a-f]{20}@/, `.${'0'.repeat(20)}@`);
  const plus = createPlusAddress('support@x.vn', 'PH-7', rules.secrets);
  const forgedPlus = plus.replace(/\.[0-9a-f]{20}@/, `.${'0'.repeat(20)}@`);
  const thread = (inReplyTo?: string, hints: string[] = []) => ({
    references: [],
    hints,
    ...(inReplyTo === undefined ? {} : { inReplyTo }),
  });

  it.each([
    ['a Message-ID of ours lets anybody join', thread(ours), 'stranger', 'join'],
    ['a forged Message-ID lets nobody join', thread(forged), 'an', 'new'],
    [
      'a signed plus-address lets anybody join',
      thread(undefined, [`plus:${plus.split('@')[0] ?? ''}`]),
      'stranger',
      'join',
    ],
    [
      'a forged plus-address lets nobody join',
      thread(undefined, [`plus:${forgedPlus.split('@')[0] ?? ''}`]),
      'an',
      'new',
    ],
    ['a subject tag lets a participant join', thread(undefined, ['tag:PH-7']), 'an', 'join'],
    ['a subject tag does not let a stranger join', thread(undefined, ['tag:PH-7']), 'stranger', 'related'],
    ['nothing at all opens a ticket', thread(), 'an', 'new'],
  ] as const)('%s', (_, claimed, author, expected) => {
    const event = aFeedback({ author: by(author), thread: claimed });

    const { world } = decideAll([event], ({ work, replies, numbers }) => {
      work.hold({ ...ticket });
      replies.set(replyId, ticket.id);
      numbers.set(7, ticket.id);
    });

    const joined = world.work.messages[0]?.ticketId === ticket.id;
    const related = world.work.suggestions.some(({ relatedTicketId }) => relatedTicketId === ticket.id);
    expect(joined ? 'join' : related ? 'related' : 'new').toBe(expected);
  });
});

describe('chat', () => {
  const message = (overrides: Partial<FeedbackReceived> = {}) =>
    aFeedback({
      channel: 'zalo',
      conversationKey: 'c'.repeat(32),
      provider: { name: 'zalo', messageId: anId(), receivedVia: 'push' },
      ...overrides,
    });

  it.each([
    ['open', 'join'],
    ['resolved', 'join'],
    ['closed', 'follow_up'],
  ] as const)('with a ticket that is %s: %s', (status, expected) => {
    const event = message();
    const ticket = aTicket({ status, resolvedAt: status === 'resolved' ? aWork().clock.now : null });

    const { world } = decideAll([event], ({ work, conversations }) => {
      work.hold(ticket);
      conversations.set(event.conversationKey, { key: event.conversationKey, ticketId: ticket.id });
    });

    const last = [...world.work.all()].at(-1)?.ticket;
    expect(last?.followUpOf === ticket.id ? 'follow_up' : 'join').toBe(expected);
  });

  it('keeps an edit that came before its message', () => {
    const event = message();
    const amendment = {
      messageId: event.id,
      at: new Date(),
      deletion: false,
      text: 'edited',
      html: null,
      attachments: null,
      filesOnly: false,
    };

    const { world } = decideAll([event], ({ amendments }) => void amendments.set(event.id, amendment));

    expect(world.work.messages[0]).toMatchObject({ text: 'edited', editedAt: expect.any(Date) as unknown });
  });

  it('adds files that came before their message, and nothing else', () => {
    const event = message({ text: 'xem hình' });
    const attachments = '[{"sha256":"a"}]';
    const late = {
      ...{ messageId: event.id, at: new Date(), deletion: false, text: 'x', html: null, attachments, filesOnly: true },
    };

    const { world } = decideAll([event], ({ amendments }) => void amendments.set(event.id, late));

    expect(world.work.messages[0]).toMatchObject({ text: 'xem hình', editedAt: null, attachments });
  });

  it('drops what a newer writer calls by a kind that we do not know', () => {
    const event = message({ kind: 'hologram' as FeedbackReceived['kind'] });

    expect(decideAll([event]).decisions).toEqual([{ kind: 'drop', reason: 'unknown_kind' }]);
  });
});

it('finds a reference with and without its angle brackets', () => {
  expect(referenceKey(' <a@b> ')).toBe(referenceKey('a@b'));
});
