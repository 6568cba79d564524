/** Names that real mail uses and no decoder knows. */
const aliases: Record<string, string> = {
  tcvn3: 'tcvn',
  'tcvn-5712': 'tcvn',
  'tcvn5712-1': 'tcvn',
  'x-viet-tcvn5712': 'tcvn',
  'x-viet-tcvn': 'tcvn',
  cp1258: 'windows-1258',
  'x-cp1258': 'windows-1258',
};
/** UTF-7 can carry markup past a filter that looks for "<"; the others are not charsets. */
const refused = /^(?:unicode-?1-?1-?)?utf-?7(?:-?imap)?$|^base64$|^hex$/;

/** A stated charset as decoders know it. */
export function labelOf(stated: string): string {
  const label = stated
    .trim()
    .toLowerCase()
    .replace(/^["']|["']$/g, '');
  return aliases[label] ?? label;
}

export function isRefused(label: string): boolean {
  return refused.test(label);
}
