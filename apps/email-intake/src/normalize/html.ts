import { cutToBytes, eventLimits } from '#contracts';
import { compile } from 'html-to-text';
import sanitizeHtml from 'sanitize-html';

/** Markup looked at; what an event carries is at most `eventLimits.html`. */
const sourceLimit = 256 * 1024;
/** Room for the end tags that a cut needs. */
const cutMargin = 2 * 1024;
const maxDepth = 500;

const options: sanitizeHtml.IOptions = {
  // The frequent ones first: the list is searched from its start for every tag and every text.
  allowedTags: (
    'td tr p br div span table tbody a b strong img i u li ul font em ol blockquote h1 h2 h3 h4 h5 h6 hr th thead tfoot ' +
    'abbr address center code dd del dl dt ins pre s small strike sub sup'
  ).split(' '),
  allowedAttributes: {
    a: ['href', 'title', 'rel', 'target'],
    img: ['src', 'alt', 'width', 'height', 'data-remote-src'],
    td: ['colspan', 'rowspan', 'align', 'valign'],
    th: ['colspan', 'rowspan', 'align', 'valign'],
    '*': ['dir', 'lang'],
  },
  allowedSchemes: ['http', 'https', 'mailto', 'tel'],
  allowedSchemesByTag: { img: ['cid'] },
  allowProtocolRelative: false,
  nestingLimit: 50,
  nonTextTags: [
    'script',
    'style',
    'textarea',
    'option',
    'noscript',
    'title',
    'template',
    'xmp',
    'svg',
    'math',
    'iframe',
    'object',
    'embed',
  ],
  transformTags: {
    a: sanitizeHtml.simpleTransform('a', { rel: 'noopener noreferrer nofollow', target: '_blank' }),
    img: (tagName, attributes) => ({ tagName, attribs: withoutRemoteSource(attributes) }),
  },
};

/** A remote image tells its sender who reads and when: its address is kept aside for a reader who asks for it. */
function withoutRemoteSource(attributes: sanitizeHtml.Attributes): sanitizeHtml.Attributes {
  const { src = '', 'data-remote-src': _claimed, ...rest } = attributes;
  const source = src.trim();
  if (/^cid:/i.test(source)) return { ...rest, src: `cid:${source.slice(4)}` };
  return /^https?:\/\//i.test(source) ? { ...rest, 'data-remote-src': source.slice(0, 2_048) } : rest;
}

const uncounted = new Set(
  'area base br col embed hr img input link meta param source track wbr p li dt dd option tr td th thead tbody tfoot'.split(
    ' ',
  ),
);

/** Cuts where elements lie deeper than any mail program writes them: the parser's time grows with the square of the depth. */
function withoutAbyss(source: string): string {
  if (!hasMoreTags(source, maxDepth)) return source;
  let depth = 0;
  for (const match of source.matchAll(/<(\/?)([a-z][a-z0-9]{0,20})/gi)) {
    if (uncounted.has((match[2] ?? '').toLowerCase())) continue;
    depth = match[1] === '/' ? Math.max(0, depth - 1) : depth + 1;
    if (depth > maxDepth) return source.slice(0, match.index);
  }
  return source;
}

/** Most mails have not even as many tags as would be too deep. */
function hasMoreTags(source: string, count: number): boolean {
  let at = -1;
  for (let seen = 0; seen <= count; seen++) {
    at = source.indexOf('<', at + 1);
    if (at === -1) return false;
  }
  return true;
}

export interface SanitizedHtml {
  readonly html: string;
  readonly truncated: boolean;
  readonly remoteImages: boolean;
}

/** Markup by an allow list, `cid:` images kept, remote images not loaded, at most what an event carries. */
export function sanitizeMarkup(source: string): SanitizedHtml {
  const head = withoutAbyss(source.slice(0, sourceLimit));
  const clean = sanitizeHtml(head, options);
  const cut = cutToBytes(clean, eventLimits.html - cutMargin);
  const html = cut.truncated ? closeTags(cut.text) : clean;
  return {
    html,
    truncated: cut.truncated || head.length < source.length,
    remoteImages: html.includes('data-remote-src='),
  };
}

function closeTags(cut: string): string {
  const lastOpen = cut.lastIndexOf('<');
  const whole = lastOpen > cut.lastIndexOf('>') ? cut.slice(0, lastOpen) : cut;
  return cutToBytes(sanitizeHtml(whole, options), eventLimits.html).text;
}

/** Only ever given sanitized markup, whose size and depth are bounded. */
export const readMarkup = compile({
  wordwrap: false,
  selectors: [
    { selector: 'img', format: 'skip' },
    { selector: 'a', options: { hideLinkHrefIfSameAsText: true, noAnchorUrl: true } },
    ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({ selector, options: { uppercase: false } })),
  ],
});
