import type { Identity } from '#contracts';
import type { AddressObject, EmailAddress, Headers } from 'mailparser';
import { oneLine } from './header.js';

export interface Mailbox {
  readonly address: string;
  readonly name?: string;
}

const shape = /^[^\s@<>()[\],;:"\\]{1,64}@[^\s@<>()[\],;:"\\]{1,255}$/u;

/** Lower-case address in NFC, or undefined for what no mail could be sent to. */
export function normalizeAddress(value: string | undefined): string | undefined {
  const address = (value ?? '').normalize('NFC').trim().toLowerCase();
  return address.length <= 320 && address.isWellFormed() && shape.test(address) ? address : undefined;
}

export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1);
}

/** `support@example.vn` for `support+ph-1.abc@example.vn`. */
export function withoutPlus(address: string): string {
  const at = address.lastIndexOf('@');
  const plus = address.indexOf('+');
  return plus > 0 && plus < at ? address.slice(0, plus) + address.slice(at) : address;
}

function flatten(list: readonly EmailAddress[] | undefined): EmailAddress[] {
  return (list ?? []).flatMap((entry) => (entry.group === undefined ? [entry] : flatten(entry.group)));
}

/** Mailboxes of an address header as the parser decoded it, groups flattened, unusable ones left out. */
export function mailboxesOf(headers: Headers, name: string): Mailbox[] {
  const value = headers.get(name) as AddressObject | AddressObject[] | undefined;
  if (value === undefined) return [];
  return [value].flat().flatMap((object) =>
    flatten(object.value).flatMap((entry) => {
      const address = normalizeAddress(entry.address);
      if (address === undefined) return [];
      const display = displayName(entry.name);
      return [{ address, ...(display === undefined ? {} : { name: display }) }];
    }),
  );
}

export function displayName(name: string | undefined): string | undefined {
  const shown = oneLine((name ?? '').toWellFormed().normalize('NFC')).slice(0, 200);
  return shown === '' ? undefined : shown.toWellFormed();
}

export function emailIdentity(address: string): Identity {
  return { kind: 'email', value: address };
}
