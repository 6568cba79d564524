import EmailReplyParser from 'email-reply-parser';

export interface CutReply {
  /** What the author wrote this time. */
  readonly text: string;
  /** Quoted history and signature. */
  readonly quoted: string;
}

/** Text looked at for cutting: what lies behind follows the last part found before it. */
const looked = 32 * 1024;
const longLine = 1_000;
/** The reply parser backtracks on many and long lines: beyond these only our own, linear look is taken. */
const parserBounds = { characters: 16 * 1024, lines: 600 };

/** "On …, X wrote:" as Gmail, Apple Mail, Thunderbird, Yahoo and Zoho write it, in English and Vietnamese. */
const attributions = [
  /^On\s.{4,300}\swrote:$/iu,
  /^(?:Vào|Lúc|Ngày)\s.{4,300}\s(?:đã\s)?viết:$/iu,
  /^20\d\d-\d\d-\d\d \d{1,2}:\d\d (?:GMT|UTC)[+-]\d\d:?\d\d .{1,200}<\S+@\S+>:$/u,
  /^-{2,4}\s*(?:On|Vào|Lúc)\s.{4,300}\s(?:wrote|đã viết|viết)\s?:?\s?-{2,4}$/iu,
];
const separators = [
  /^-{2,}\s*(?:Original (?:Message|Appointment)|Forwarded message|Thư gốc|Tin nhắn gốc|Thư ban đầu|Thư được chuyển tiếp|Tin nhắn (?:được )?chuyển tiếp)\s*-{2,}$/iu,
  /^(?:Begin forwarded message|Bắt đầu thư (?:được )?chuyển tiếp):$/iu,
];
const blockStart = /^(?:From|Từ|Người gửi)\s?:\s?\S/iu;
const blockGoesOn =
  /^(?:Sent|Date|Đã gửi|Ngày(?: gửi)?|Gửi(?: lúc)?|Thời gian|To|Đến|Tới|Người nhận|Cc|Subject|Chủ đề|Tiêu đề)\s?:/iu;
const deviceLine =
  /^(?:Sent from (?:my |Mail |Outlook|Yahoo|the )|Get Outlook for |(?:Đã gửi|Được gửi|Gửi) từ (?:iPhone|iPad|Outlook|thiết bị|Thư|Samsung|điện thoại|máy)|(?:Tải|Tải về|Lấy) Outlook cho )/iu;

const bare = (line: string) => line.replace(/^[\s>*]+|[\s*]+$/g, '');
const isQuotedLine = (line: string) => /^\s{0,3}>/.test(line);

interface Found {
  readonly at: number;
  /** Index of the first line behind the header. */
  readonly behind: number;
  readonly kind: 'attribution' | 'rest' | 'signature';
}

function attributionAt(lines: readonly string[], at: number): number | undefined {
  const first = bare(lines[at] ?? '');
  if (!/^(?:On|Vào|Lúc|Ngày|-{2,4}|20\d\d-)/iu.test(first) || first.length > 300) return undefined;
  let joined = '';
  for (let next = at; next < Math.min(at + 4, lines.length); next++) {
    joined = `${joined} ${bare(lines[next] ?? '')}`.trim();
    if (joined.length > 600) return undefined;
    if (attributions.some((pattern) => pattern.test(joined))) return next + 1;
  }
  return undefined;
}

function headerAt(lines: readonly string[], at: number): Found | undefined {
  const line = bare(lines[at] ?? '');
  if (line === '' || line.length > longLine)
    return line === '' && /^-- ?$/.test(lines[at] ?? '') ? { at, behind: at, kind: 'signature' } : undefined;
  if (line === '--') return { at, behind: at, kind: 'signature' };
  const behind = attributionAt(lines, at);
  if (behind !== undefined) return { at, behind, kind: 'attribution' };
  if (separators.some((pattern) => pattern.test(line))) return { at, behind: at, kind: 'rest' };
  if (deviceLine.test(line)) return { at, behind: at, kind: 'signature' };
  if (!blockStart.test(line)) return undefined;
  const goesOn = lines.slice(at + 1, at + 4).some((next) => blockGoesOn.test(bare(next)));
  return goesOn ? { at, behind: at, kind: 'rest' } : undefined;
}

function firstHeader(lines: readonly string[]): Found | undefined {
  for (let at = 0; at < lines.length; at++) {
    const found = headerAt(lines, at);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Takes the lines apart at the first header of quoted history; answers written between quoted lines stay. */
function cutLines(lines: readonly string[]): { kept: string[]; cut: string[]; endsCut: boolean } {
  const found = firstHeader(lines);
  if (found === undefined) return { kept: [...lines], cut: [], endsCut: false };
  const kept = lines.slice(0, found.at);
  const rest = lines.slice(found.at);
  const behind = lines.slice(found.behind);
  const firstBehind = behind.find((line) => line.trim() !== '');
  if (found.kind === 'attribution' && firstBehind !== undefined && isQuotedLine(firstBehind)) {
    const later = cutLines(behind.filter((line) => !isQuotedLine(line)));
    const quoted = [...lines.slice(found.at, found.behind), ...behind.filter(isQuotedLine)];
    return { kept: [...kept, ...later.kept], cut: [...quoted, ...later.cut], endsCut: later.endsCut };
  }
  return { kept, cut: rest, endsCut: true };
}

/** Signs of something that only the parser cuts: its own languages, signatures, marks of quotes. Most mails have none of them. */
const worthParsing =
  /^\s{0,3}>|^\s{0,3}(?:[-_=+]{2,}|Cheers|Best wishes|(?:\w{0,20} )?(?:and )?Regards|Sent from|Get Outlook)|^(?:On|Le|El|Il|Em|Am|Op|W dniu|Dnia|Den|pe|From|Von|De|Van|Da|20\d\d)\b|(?:wrote|schrieb|écrit|escribió|scritto|escreveu|schreef|skrev|kirjoitti|作成|写道|작성|メッセージ|gesendet|Sendt|Envoyé|Enviado|Verzonden|Verstuurd|cordialement|journ.e|soir.e|Original|origine|Nachricht|Besked)/imu;

function byParser(text: string): CutReply {
  if (!worthParsing.test(text)) return { text, quoted: '' };
  if (text.length > parserBounds.characters) return { text, quoted: '' };
  const lines = text.split('\n');
  if (lines.length > parserBounds.lines || lines.some((line) => line.length > longLine)) return { text, quoted: '' };
  const fragments = new EmailReplyParser().read(text).getFragments();
  const pick = (hidden: boolean) =>
    fragments
      .filter((fragment) => fragment.isHidden() === hidden)
      .map((fragment) => fragment.getContent())
      .join('\n');
  return { text: pick(false), quoted: pick(true) };
}

/**
 * Cuts quoted history and signature off. Text that would be left empty in a mail that answers nothing is kept whole: what looks like
 * history then is the message.
 * @param text in NFC with `\n` line ends.
 */
export function cutReply(text: string, answersSomething: boolean): CutReply {
  const head = text.slice(0, looked);
  const tail = text.slice(looked);
  const byLines = cutLines(head.split('\n'));
  const parsed = byParser(byLines.kept.join('\n'));
  const kept = `${parsed.text}${byLines.endsCut ? '' : tail}`.trim();
  const quoted = [parsed.quoted, byLines.cut.join('\n') + (byLines.endsCut ? tail : '')]
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (kept === '' && !answersSomething) return { text: text.trim(), quoted: '' };
  return { text: kept, quoted: quoted.join('\n') };
}
