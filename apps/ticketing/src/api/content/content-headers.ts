import type { FastifyReply } from 'fastify';

/** Types that a browser may be told; everything else is bytes. Never html or svg: what customers send must not run in our origin. */
const harmless = new Set([
  'application/pdf',
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp',
  'text/plain',
  'audio/mpeg',
  'audio/ogg',
  'video/mp4',
]);

/** What the bytes were found to be, where that is harmless; never what the sender states. */
export function safeType(detectedType: string | undefined): string {
  return detectedType !== undefined && harmless.has(detectedType) ? detectedType : 'application/octet-stream';
}

/** RFC 6266: an ASCII name for old clients, the true one encoded. Names come from strangers: no path, no quotes, no control characters. */
export function attachmentDisposition(name: string): string {
  const clean = name.replace(/[\p{Cc}\p{Cf}\\/]/gu, '_').slice(0, 200) || 'file';
  const ascii =
    clean
      .normalize('NFD')
      .replace(/[^\x20-\x7e]/g, '')
      .replace(/["%;]/g, '_') || 'file';
  const encoded = encodeURIComponent(clean.toWellFormed()).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16)}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}

/** Headers of anything that a customer sent: it is saved, never shown or run in place. */
export function sendUntrusted(reply: FastifyReply, file: { name: string; type: string }): FastifyReply {
  return reply.headers({
    'content-type': file.type,
    'content-disposition': attachmentDisposition(file.name),
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
    'cross-origin-resource-policy': 'same-site',
    'cache-control': 'private, no-store',
  });
}
