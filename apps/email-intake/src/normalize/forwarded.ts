import { type Mailbox, displayName, domainOf, normalizeAddress } from './addresses.js';
import type { MailHeader } from './header.js';

/** Who of ours may speak for a customer by forwarding. */
export interface OwnStaff {
  readonly domains: ReadonlySet<string>;
  readonly addresses: ReadonlySet<string>;
}

export function isOwnStaff(address: string | undefined, staff: OwnStaff): boolean {
  return address !== undefined && (staff.addresses.has(address) || staff.domains.has(domainOf(address)));
}

const prefix = /^\s*(?:fwd?|fw|ct|chuyển tiếp|chuyen tiep)\s*:/iu;
const marker =
  /^(?:-{2,}\s*(?:Forwarded message|Thư được chuyển tiếp|Thư đã chuyển tiếp|Tin nhắn (?:được )?chuyển tiếp|Thư gốc|Original Message)\s*-{2,}|(?:Begin forwarded message|Bắt đầu thư (?:được )?chuyển tiếp):)$/iu;
const fromLine = /^(?:From|Từ|Người gửi)\s?:\s*(.+)$/iu;
const headerLine = /^[\p{L} -]{2,20}\s?:/u;
const looked = 400;

const bare = (line: string) => line.replace(/^[\s>*]+|[\s*]+$/g, '').replace(/^([\p{L} -]{2,20}):\*\s*/u, '$1: ');

function mailboxIn(value: string): Mailbox | undefined {
  const found = /^(.{0,200}?)\s*[<[(]?(?:mailto:)?([^\s<>[\]()"]{1,64}@[^\s<>[\]()"]{1,255})/u.exec(
    value.slice(0, 600),
  );
  const address = normalizeAddress(found?.[2]);
  if (address === undefined) return undefined;
  const name = displayName(found?.[1]?.replace(/["<[(]/g, '').trim());
  return { address, ...(name === undefined ? {} : { name }) };
}

export function looksForwarded(subject: string, text: string): boolean {
  return (
    prefix.test(subject) ||
    text
      .slice(0, 16_384)
      .split('\n', looked)
      .some((line) => marker.test(bare(line)))
  );
}

/** The sender named in the header block of a mail that was forwarded inside the text, as the usual programs write it in vi and en. */
export function originalSender(text: string): Mailbox | undefined {
  const lines = text.slice(0, 16_384).split('\n', looked).map(bare);
  for (const [at, line] of lines.entries()) {
    const value = line.length <= 600 ? fromLine.exec(line)?.[1] : undefined;
    if (value === undefined) continue;
    const neighbours = [...lines.slice(Math.max(0, at - 4), at), ...lines.slice(at + 1, at + 4)];
    if (neighbours.some((neighbour) => headerLine.test(neighbour) || marker.test(neighbour))) return mailboxIn(value);
  }
  return undefined;
}

/** The sender of a mail that was forwarded as an attachment. */
export function attachedSender(header: MailHeader | undefined): Mailbox | undefined {
  const value = header?.first('from');
  return value === undefined ? undefined : mailboxIn(value);
}
