import type { Form } from '../../normalize/form.js';
import { html } from './html.js';
import { layout } from './layout.js';
import { localize, wordsOf } from './page-texts.js';

/** After a submission: the reference, which is all that the customer needs to keep. */
export function thanksPage(form: Form, language: string, reference: string): string {
  const words = wordsOf(language);
  const thanks = localize(form.thanks, language);
  return layout({
    language,
    languages: [],
    title: words('thanksTitle'),
    content: html`<div role="status"><h1>${words('thanksTitle')}</h1><p>${thanks === '' ? words('thanks') : thanks}</p>
<h2>${words('reference')}</h2><p class="reference">${reference}</p><p class="hint">${words('referenceHint')}</p></div>
<p><a href="/forms/${encodeURIComponent(form.id)}?lang=${language}">${words('sendAnother')}</a></p>`,
  });
}

export function notFoundPage(language: string): string {
  const words = wordsOf(language);
  const content = html`<h1>${words('notFoundTitle')}</h1><p>${words('notFound')}</p>`;
  return layout({ language, languages: [], title: words('notFoundTitle'), content });
}
