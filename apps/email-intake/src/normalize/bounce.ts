import { normalizeAddress } from './addresses.js';
import { type MailHeader, parseHeaderBlock } from './header.js';

/** What a delivery report says about a mail. `status` as in RFC 3463. */
export interface DeliveryReport {
  readonly action: 'failed' | 'delayed' | 'delivered' | 'relayed' | 'expanded';
  readonly permanent: boolean;
  readonly messageId?: string;
  readonly recipient?: string;
  readonly status?: string;
}

const actions = ['failed', 'delayed', 'delivered', 'relayed', 'expanded'] as const;
const maxReport = 32 * 1024;

/**
 * Reads a message/delivery-status part: the per-recipient group that failed, else the first.
 * @param original header of the returned mail, where it came along. Source: RFC 3464.
 */
export function readDeliveryReport(status: Buffer, original: MailHeader | undefined): DeliveryReport | undefined {
  const groups = status
    .subarray(0, maxReport)
    .toString('latin1')
    .split(/\r?\n\r?\n/)
    .map((block) => parseHeaderBlock(block.trim()))
    .filter((group) => group.has('action') || group.has('final-recipient'));
  const group = groups.find((candidate) => actionOf(candidate) === 'failed') ?? groups[0];
  if (group === undefined) return undefined;
  const code = /\b([245])\.\d{1,3}\.\d{1,3}\b/.exec(group.first('status') ?? group.first('diagnostic-code') ?? '');
  const action = actionOf(group) ?? (code?.[1] === '2' ? 'delivered' : 'failed');
  const recipient = recipientOf(group);
  const messageId = idOf(original?.first('message-id'));
  return {
    action,
    permanent: action === 'failed' && code?.[1] !== '4',
    ...(messageId === undefined ? {} : { messageId }),
    ...(recipient === undefined ? {} : { recipient }),
    ...(code === null ? {} : { status: code[0] }),
  };
}

function actionOf(group: MailHeader): DeliveryReport['action'] | undefined {
  const stated = group.first('action')?.toLowerCase();
  return actions.find((action) => stated?.startsWith(action) === true);
}

function recipientOf(group: MailHeader): string | undefined {
  const value = group.first('original-recipient') ?? group.first('final-recipient');
  return normalizeAddress(value?.slice(value.indexOf(';') + 1).replace(/[<>]/g, ''));
}

function idOf(value: string | undefined): string | undefined {
  return /<[^<>\s]{1,990}>/.exec(value ?? '')?.[0];
}

/** Old mail servers report failures as plain text: the Message-ID and status are looked for in it. */
export function readPlainReport(text: string): Pick<DeliveryReport, 'messageId' | 'status'> {
  const head = text.slice(0, maxReport);
  const messageId = /^[>\s]{0,8}message-id:\s{0,8}(<[^<>\s]{1,990}>)/im.exec(head)?.[1];
  const status = /\b[45]\.\d{1,3}\.\d{1,3}\b/.exec(head)?.[0];
  return { ...(messageId === undefined ? {} : { messageId }), ...(status === undefined ? {} : { status }) };
}
