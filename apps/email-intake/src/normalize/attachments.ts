import { fileTypeFromBuffer } from 'file-type';
import { oneLine } from './header.js';

const maxNameBytes = 180;
const reserved = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/** A name that can stand in a header and on a disk: last path part, no control or direction characters, extension kept when cut. */
export function safeFileName(stated: string | undefined, mediaType: string): string {
  const last =
    oneLine((stated ?? '').toWellFormed().normalize('NFC'))
      .split(/[/\\]/)
      .at(-1) ?? '';
  const name = last.replace(/[<>:"|?*]/g, '_').replace(/^[.\s]+|[.\s]+$/g, '');
  if (name === '') return mediaType === 'message/rfc822' ? 'message.eml' : 'attachment';
  const kept = reserved.test(name) ? `_${name}` : name;
  if (Buffer.byteLength(kept) <= maxNameBytes) return kept;
  const dot = kept.lastIndexOf('.');
  const extension = dot > 0 && kept.length - dot <= 12 ? kept.slice(dot) : '';
  let stem = [...kept.slice(0, kept.length - extension.length)].slice(0, maxNameBytes);
  while (Buffer.byteLength(stem.join('')) + Buffer.byteLength(extension) > maxNameBytes) stem = stem.slice(0, -1);
  return stem.join('') + extension;
}

/** `type/subtype` in lower case, or the type of unknown bytes. */
export function mediaTypeOf(stated: string | undefined): string {
  const type = (stated ?? '').trim().toLowerCase();
  return /^[a-z0-9][\w.+-]{0,100}\/[a-z0-9][\w.+-]{0,100}$/.test(type) ? type : 'application/octet-stream';
}

/** The type by content; undefined means unknown, and unknown is not trusted. Archives are not opened. */
export async function detectType(head: Uint8Array): Promise<string | undefined> {
  return (await fileTypeFromBuffer(head))?.mime;
}
