import {
  conversationKey,
  cutToBytes,
  eventLimits,
  type FeedbackReceived,
  feedbackEventId,
  formReference,
  type Identity,
  type ReceivedVia,
} from '#contracts';
import type { Submission } from './submission.js';

export interface FeedbackContext {
  /** `CONVERSATION_SECRET`. */
  readonly secret: string;
  /** The Idempotency-Key, or a random value: with the form it makes the event id. */
  readonly key: string;
  readonly receivedAt: Date;
  readonly receivedVia: ReceivedVia;
  /** The language of the page that was filled in. */
  readonly pageLanguage?: string;
}

const vietnameseLetters = /[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉĩịọỏốồổỗộớờởỡợụủũứừửữựỳỵỷỹ]/i;

/** The event of a submission; where its original lies is added when that is known. */
export function toFeedback(submission: Submission, context: FeedbackContext): Omit<FeedbackReceived, 'raw'> {
  const { form, rating, subject } = submission;
  const id = feedbackEventId({ channel: 'web_form', account: form.id, messageId: context.key, revision: context.key });
  const at = context.receivedAt.toISOString();
  const { text, truncated } = cutToBytes(submission.message, eventLimits.text);
  const language = submission.language ?? context.pageLanguage ?? (vietnameseLetters.test(text) ? 'vi' : undefined);
  const identity = identityOf(submission);
  const fields = fieldsOf(submission, identity);
  return {
    id,
    channel: 'web_form',
    kind: 'message',
    account: form.id,
    provider: { name: 'form', messageId: context.key, receivedVia: context.receivedVia },
    conversationKey: conversationKey(context.secret, id),
    occurredAt: at,
    receivedAt: at,
    author: {
      // Whoever fills in a form can write any address into it.
      verified: false,
      ...(identity === undefined ? {} : { identity }),
      // Composing can make a text longer than it was when its length was checked.
      ...(submission.name === undefined ? {} : { displayName: cutToBytes(submission.name, 1000).text }),
      ...(language === undefined ? {} : { locale: language }),
    },
    recipients: [],
    thread: { references: [], hints: [] },
    ...(subject === undefined ? {} : { subject: cutToBytes(subject, eventLimits.subject).text }),
    text,
    ...(language === undefined ? {} : { language }),
    attachments: [...submission.files],
    ...(rating === undefined
      ? {}
      : { rating: { survey: 'form', answers: [{ item: 'overall', value: rating, scale: 5 }] } }),
    ...(fields === undefined ? {} : { fields }),
    signals: { autoReply: 'none', flags: truncated ? ['truncated'] : [] },
    reference: formReference(id),
  };
}

/** Forms are answered by e-mail, else by telephone. */
function identityOf({ email, phone }: Submission): Identity | undefined {
  if (email !== undefined) return { kind: 'email', value: email };
  return phone?.e164 === undefined ? undefined : { kind: 'phone', value: phone.e164 };
}

/** The form's own fields, and beside them what the event has no place of its own for. */
function fieldsOf(submission: Submission, identity: Identity | undefined): FeedbackReceived['fields'] {
  const { phone, organization, consent, form } = submission;
  const more: Record<string, string | number | boolean> = {};
  if (organization !== undefined) more.organization = organization;
  if (phone !== undefined && identity?.kind !== 'phone') more.phone = phone.e164 ?? phone.text;
  if (consent !== undefined) more.consent = consent;
  if (consent === true && form.consent?.version !== undefined) more.consent_version = form.consent.version;
  const fields = { ...submission.fields, ...more };
  return Object.keys(fields).length === 0 ? undefined : fields;
}
