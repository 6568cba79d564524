import { type FeedbackReceived, cutToBytes, eventLimits } from '#contracts';

const maxFlags = 20;

const sizeOf = (event: FeedbackReceived) => Buffer.byteLength(JSON.stringify(event));

/** An event with its flags, at most 256 KiB: what is dropped first is what the original shows as well. */
export function fitEvent(event: FeedbackReceived, flags: ReadonlySet<string>): FeedbackReceived {
  const flagged = (of: FeedbackReceived, more: readonly string[]): FeedbackReceived => ({
    ...of,
    signals: { ...of.signals, flags: [...new Set([...flags, ...more])].slice(0, maxFlags) },
  });
  let fitted = flagged(event, []);
  if (surelyFits(event)) return fitted;
  if (sizeOf(fitted) <= eventLimits.event) return fitted;
  const { html: _html, ...plain } = event;
  fitted = flagged(plain, ['truncated']);
  if (sizeOf(fitted) <= eventLimits.event) return fitted;
  const { quoted: _quoted, ...short } = plain;
  return flagged({ ...short, text: cutToBytes(short.text, eventLimits.text / 4).text }, ['truncated']);
}

/** No character takes more than six bytes of JSON; addresses, ids and files are bounded by the contract's counts. */
function surelyFits({ text, html = '', quoted = '', recipients, attachments, thread }: FeedbackReceived): boolean {
  const lists = recipients.length * 400 + attachments.length * 2_600 + thread.references.length * 1_100;
  return (text.length + html.length + quoted.length) * 6 + lists < eventLimits.event - 32 * 1024;
}
