import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import type { FeedbackReceived } from '#contracts';
import type { Arrival, AttachmentStore, IntakeOutcome, OutboundRepository } from '#intake';
import { LedgerBook } from '#kafka';
import { createLogger } from '#observability';
import type { Mailbox } from './accounts.js';
import { IntakeBusy, MailIntake, type TakenMail } from './mail-intake.js';
import type { MailParser, Parsed } from './parse/mail-parser.js';

const mailbox = { id: 'support' } as Mailbox;
const entry = new LedgerBook().enter('email:support');
const mail: TakenMail = {
  raw: { bytes: Buffer.from('x') },
  entry,
  receivedAt: new Date(0),
  receivedVia: 'poll',
  flags: [],
};
const fileOf = (content: string) => {
  const bytes = Buffer.from(content);
  return { sha256: createHash('sha256').update(bytes).digest('hex'), bytes };
};
const parsed = (id: string, ...contents: string[]): Parsed => ({
  mail: { kind: 'feedback', event: { id } as FeedbackReceived, answeredReplyIds: [] },
  files: contents.map(fileOf),
});

/** What happened, in its order. */
function world(outcome: 'accepted' | 'busy' = 'accepted') {
  const steps: string[] = [];
  const store = {
    has: async () => false,
    put: async (content: Readable) => {
      const bytes = await buffer(content);
      steps.push(`kept ${String(bytes)}`);
      return { sha256: '', bytes: bytes.length };
    },
  } as unknown as AttachmentStore;
  const pipeline = {
    enter: () => entry,
    reconciled: () => undefined,
    accept: async ({ event }: Arrival) => {
      steps.push(`left ${event.id}`);
      return outcome === 'busy'
        ? ({ kind: 'busy', retryAfterSeconds: 5 } as const)
        : ({ kind: 'accepted', eventId: event.id, stored: 'log' } as const);
    },
    quarantine: async (): Promise<Extract<IntakeOutcome, { kind: 'busy' }>> => ({ kind: 'busy', retryAfterSeconds: 5 }),
  };
  const outbound = { confirmSent: async () => undefined } as unknown as OutboundRepository;
  const logger = createLogger('test', 'silent');
  return { steps, intake: new MailIntake({} as MailParser, pipeline, store, outbound, logger) };
}

describe('MailIntake', () => {
  it('keeps every file of a batch before its events leave, in the order of the mails', async () => {
    const { intake, steps } = world();
    await intake.publish(mailbox, 'inbox', [mail, mail, mail], [parsed('a'), parsed('b', 'one', 'two'), parsed('c')]);
    expect(steps).toEqual(['kept one', 'kept two', 'left a', 'left b', 'left c']);
  });

  it('settles nothing when neither broker nor database takes a mail', async () => {
    const { intake } = world('busy');
    await expect(intake.publish(mailbox, 'inbox', [mail], [parsed('a')])).rejects.toThrow(IntakeBusy);
  });
});
