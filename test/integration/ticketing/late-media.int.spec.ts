import { randomUUID } from 'node:crypto';
import { type Attachment, type FeedbackReceived, feedbackEventId } from '#contracts';
import { lateMediaOf } from '#intake';
import { aFeedback } from '#testing';
import { hoursAgo, stageOfThisFile, type TicketingStage } from './ticketing-stage.js';

let stage: TicketingStage;
stageOfThisFile((fresh) => {
  stage = fresh;
});

const file = (name: string): Attachment => ({
  ...{ sha256: name.repeat(64), name: `${name}.png`, mediaType: 'image/png', bytes: 5, inline: false },
});
const [a, b] = [file('a'), file('b')];

/** A message with one file of two; with `kind` and `revision` a later state of it. */
function said(over: Partial<FeedbackReceived> = {}, revision?: string): FeedbackReceived {
  const messageId = 'mid-1';
  const { subject: _subject, ...event } = aFeedback({
    ...{ channel: 'messenger', account: 'page', conversationKey: 'm'.repeat(32), recipients: [], text: 'Xem hình' },
    id: feedbackEventId({ channel: 'messenger', account: 'page', messageId, ...(revision && { revision }) }),
    provider: { name: 'meta', messageId, receivedVia: 'push', ...(revision && { refersTo: messageId }) },
    author: { identity: { kind: 'handle', value: 'messenger:5' }, verified: true },
    ...{ occurredAt: hoursAgo(1), attachments: [a], signals: { autoReply: 'none', flags: ['media_missing'] } },
    ...over,
  });
  return event;
}
const late = lateMediaOf(said({ attachments: [a, b], signals: { autoReply: 'none', flags: [] } }));

const message = async () => {
  const [row] = await stage.rows<{ text: string; edited: boolean; files: string[]; flags: string[] }>(
    `select text, edited_at is not null as edited, signals->'flags' as flags,
            (select array_agg(file->>'name') from json_array_elements(attachments) as file) as files from messages`,
  );
  return row;
};

describe('files that were not there when their message came', () => {
  it('come to it once, and nothing of it counts as edited', async () => {
    await stage.receive(said());
    await stage.receive(late);
    await stage.receive({ ...late, id: randomUUID() });

    expect(await message()).toEqual({ text: 'Xem hình', edited: false, flags: [], files: ['a.png', 'b.png'] });
    expect(await stage.factTypes()).toEqual(['opened', 'message_added']);
  });

  it('come also before it, with and without an edit that came before it too', async () => {
    const edit = said({ kind: 'edit', text: 'Xem hai hình', attachments: [], occurredAt: hoursAgo(0.5) }, 'edit:1');
    await stage.receive(late);
    await stage.receive(edit);
    await stage.receive(said());

    expect(await message()).toMatchObject({ text: 'Xem hai hình', edited: true, files: ['a.png', 'b.png'] });
  });

  it('leave the words of a later edit as they are', async () => {
    await stage.receive(said());
    await stage.receive(said({ kind: 'edit', text: 'Xem lại', attachments: [], occurredAt: hoursAgo(0.5) }, 'edit:1'));
    await stage.receive(late);

    expect(await message()).toMatchObject({ text: 'Xem lại', edited: true, files: ['a.png', 'b.png'] });
  });

  it.each([
    ['deleted', 'update messages set deleted_at = now()'],
    ['erased', 'insert into erased_events select id, now() from messages'],
  ])('do not come to one that was %s', async (_, happened) => {
    await stage.receive(said());
    await stage.rows(happened);
    await stage.receive(late);

    expect(await message()).toMatchObject({ files: ['a.png'] });
  });
});
