// biome-ignore lint: control characters are meant
const notInLocalPart = /[\s\u0000-\u001f\u007f"(),:;<>@[\\\]]/;
const label = /^[\p{L}\p{N}]([\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?$/u;

/**
 * The address in lower case, or undefined when no mail could reach it. Quoted local parts and address literals are refused: they are
 * legal (RFC 5321) and always a mistake in a form. Each part is looked at once, so long nonsense costs no time.
 */
export function emailAddress(written: string): string | undefined {
  const at = written.lastIndexOf('@');
  const local = written.slice(0, at);
  const labels = written.slice(at + 1).split('.');
  if (at < 1 || local.length > 64 || written.length > 254 || notInLocalPart.test(local)) return undefined;
  if (local.startsWith('.') || local.endsWith('.') || local.includes('..')) return undefined;
  if (labels.length < 2 || !labels.every((part) => label.test(part))) return undefined;
  return written.toLowerCase();
}
