import { randomBytes } from 'node:crypto';

/** A name that no other test uses: for topics, groups, mailboxes, databases. Lower case, digits, `_`; `prefix` first. */
export function uniqueName(prefix: string): string {
  return `${prefix}_${Date.now().toString(36)}${randomBytes(4).toString('hex')}`;
}
