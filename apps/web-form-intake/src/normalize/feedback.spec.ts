import fc from 'fast-check';
import { contracts, feedbackEventId, formReference } from '#contracts';
import { type FeedbackContext, toFeedback } from './feedback.js';
import { type Form, type Forms, formOptionsSchema } from './form.js';
import { readSubmission } from './submission.js';

const options = {
  title: { vi: 'Góp ý' },
  consent: { text: { vi: 'Đồng ý' }, version: '2' },
  fields: [
    { name: 'lines', type: 'number', label: { vi: 'Số đường' } },
    { name: 'urgent', type: 'boolean', label: { vi: 'Khẩn' } },
    { name: 'topic', type: 'choice', label: { vi: 'Chủ đề' }, choices: [{ value: 'net', label: { vi: 'Mạng' } }] },
  ],
};
const form: Form = { ...formOptionsSchema.parse(options), id: 'gop-y' };
const forms: Forms = { byId: new Map([[form.id, form]]), default: form };
const context: FeedbackContext = {
  secret: 'a secret of at least thirty-two characters',
  key: 'key-1',
  receivedAt: new Date('2026-11-22T10:00:00.000Z'),
  receivedVia: 'push',
};
const raw = { ref: 'log:x', sha256: '0'.repeat(64), bytes: 1 };

function read(body: Record<string, unknown>) {
  const submission = readSubmission(body, forms, { withFiles: false });
  if (!submission.ok) throw new Error(JSON.stringify(submission.refusal));
  return toFeedback(submission.value, context);
}

describe('toFeedback', () => {
  it('derives id and reference from form and key', () => {
    const id = feedbackEventId({ channel: 'web_form', account: 'gop-y', messageId: 'key-1', revision: 'key-1' });
    expect(read({ message: 'x' })).toMatchObject({ id, reference: formReference(id), account: 'gop-y' });
  });

  it.each([
    [
      'an address',
      { email: 'A@b.vn', phone: '0912345678' },
      { kind: 'email', value: 'a@b.vn' },
      { phone: '+84912345678' },
    ],
    ['only a number', { phone: '0912 345 678' }, { kind: 'phone', value: '+84912345678' }, undefined],
    ['a number that is not valid', { phone: '0123456' }, undefined, { phone: '0123456' }],
    ['neither', {}, undefined, undefined],
  ])('with %s, names the author by what can be answered', (_, contact, identity, fields) => {
    const event = read({ message: 'x', ...contact });
    expect([event.author.identity, event.fields]).toEqual([identity, fields]);
  });

  it.each([
    [{ message: 'Mạng chậm' }, 'vi'],
    [{ message: 'The line is slow' }, undefined],
    [{ message: 'Mạng chậm', language: 'en' }, 'en'],
  ])('tells the language of %j as %j', (body, language) => {
    expect(read(body).language).toBe(language);
  });

  it('records consent with the version of its text, and the form’s own fields by their type', () => {
    const fields = { lines: '12', urgent: 'on', topic: 'net', other: 'kept' };
    expect(read({ message: 'x', consent: true, organization: 'THPT Lê Lợi', fields }).fields).toEqual({
      lines: 12,
      urgent: true,
      topic: 'net',
      other: 'kept',
      organization: 'THPT Lê Lợi',
      consent: true,
      consent_version: '2',
    });
  });

  it('cuts a text that is too long for an event and says so', () => {
    const event = read({ message: '😀'.repeat(10_000) });
    expect([Buffer.byteLength(event.text) <= 65_536, event.signals.flags]).toEqual([true, []]);
    const long = read({ message: '\u0958'.repeat(20_000) });
    expect([Buffer.byteLength(long.text) <= 65_536, long.signals.flags]).toEqual([true, ['truncated']]);
  });

  it('of whatever is taken makes an event that the contract takes', () => {
    const text = (maxLength: number) => fc.option(fc.string({ unit: 'binary', maxLength }), { nil: undefined });
    const submission = fc.record(
      {
        message: fc.string({ unit: 'binary', minLength: 1, maxLength: 2000 }),
        name: text(200),
        subject: text(300),
        organization: text(200),
        rating: fc.constantFrom(1, 5, null),
        fields: fc.dictionary(
          fc.string({ unit: 'grapheme', maxLength: 20 }),
          fc.oneof(fc.string({ unit: 'binary' }), fc.double(), fc.boolean()),
        ),
      },
      { requiredKeys: ['message'] },
    );
    const growing = {
      message: 'x',
      name: '\u0958'.repeat(200),
      subject: '\u{1d160}'.repeat(150),
      organization: '\u0958'.repeat(200),
    };
    fc.assert(
      fc.property(submission, (body) => {
        const read_ = readSubmission(body, forms, { withFiles: false });
        if (!read_.ok) return;
        const checked = contracts.feedbackReceived.schema.safeParse({ ...toFeedback(read_.value, context), raw });
        expect(checked.error?.issues).toBeUndefined();
      }),
      { numRuns: 200, examples: [[growing]] },
    );
  });
});
