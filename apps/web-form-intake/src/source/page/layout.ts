import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Html, html } from './html.js';

const css = readFileSync(new URL('./form.css', import.meta.url), 'utf8');

/**
 * The pages hold no script, load nothing, and may be framed by the form's own origins only. The style is allowed by its hash.
 * `form-action` names our own origin: the form posts to where it came from.
 */
export function securityHeaders(frameAncestors: readonly string[]): Record<string, string> {
  const hash = createHash('sha256').update(css).digest('base64');
  const ancestors = frameAncestors.length === 0 ? "'none'" : frameAncestors.join(' ');
  return {
    'content-security-policy': `default-src 'none'; style-src 'sha256-${hash}'; form-action 'self'; base-uri 'none'; frame-ancestors ${ancestors}`,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'permissions-policy': 'camera=(), microphone=(), geolocation=()',
    'cache-control': 'no-store',
    ...(frameAncestors.length === 0 ? { 'x-frame-options': 'DENY' } : {}),
  };
}

export interface Language {
  readonly tag: string;
  readonly name: string;
}

/** A whole page. `languages`: those it can be had in; each is a link that works without a script. */
export function layout(page: {
  readonly language: string;
  readonly languages: readonly Language[];
  readonly title: string;
  readonly content: Html;
}): string {
  const links = page.languages.map(({ tag, name }) =>
    tag === page.language
      ? html`<span lang="${tag}" aria-current="true">${name}</span>`
      : html`<a href="?lang=${tag}" lang="${tag}" hreflang="${tag}">${name}</a>`,
  );
  return `<!doctype html>${
    html`<html lang="${page.language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${page.title}</title><style>${new Html(css)}</style></head>
<body><main>${links.length > 1 && html`<nav aria-label="Language">${links}</nav>`}
${page.content}
</main></body></html>`.markup
  }`;
}
