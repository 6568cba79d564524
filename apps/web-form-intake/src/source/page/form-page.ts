import type { FieldError } from '../../normalize/checked.js';
import type { Askable, Form, FormField } from '../../normalize/form.js';
import { limits } from '../../normalize/submission.js';
import { Html, html } from './html.js';
import { layout } from './layout.js';
import { localize, pageLanguages, wordsOf } from './page-texts.js';

export interface FormPage {
  readonly form: Form;
  readonly language: string;
  /** Hidden in the page: sent twice, it is one event. */
  readonly idempotencyKey: string;
  readonly files: { readonly count: number; readonly bytes: number };
  /** What was sent before, when it could not be taken. */
  readonly values?: ReadonlyMap<string, string>;
  readonly errors?: readonly FieldError[];
  /** What is wrong with the submission as a whole: a code. */
  readonly problem?: string;
}

type Words = (name: string) => string;

/** The form as a page that works without any script. After a refusal it holds what was written, and says by field what is wrong. */
export function formPage(page: FormPage): string {
  const { form, language } = page;
  const words = wordsOf(language);
  const fields = new FieldRenderer(page, words);
  const asks = (name: Askable) => form.ask.includes(name);
  const hasErrors = (page.errors?.length ?? 0) > 0 || page.problem !== undefined;
  const title = localize(form.title, language);
  const introduction = localize(form.introduction, language);
  const content = html`<h1>${title}</h1>
${introduction !== '' && html`<p>${introduction}</p>`}
${hasErrors && summary(page, fields, words)}
<form method="post" action="/forms/${encodeURIComponent(form.id)}?lang=${language}" enctype="multipart/form-data" novalidate>
<input type="hidden" name="idempotency_key" value="${page.idempotencyKey}">
<div class="trap" aria-hidden="true"><label for="f-website">${words('leaveEmpty')}</label><input id="f-website" type="text" name="website" tabindex="-1" autocomplete="off"></div>
${asks('subject') && fields.text('subject', words('subject'), { maxLength: limits.subject })}
${fields.area('message', words('message'))}
${form.fields.map((field) => fields.own(field))}
${asks('rating') && fields.rating()}
${(asks('email') || asks('phone')) && html`<p class="hint" id="contact-hint">${words('contactHint')}</p>`}
${asks('name') && fields.text('name', words('name'), { maxLength: limits.name, autocomplete: 'name' })}
${asks('email') && fields.text('email', words('email'), { maxLength: limits.email, autocomplete: 'email', type: 'email' })}
${asks('phone') && fields.text('phone', words('phone'), { maxLength: limits.phone, autocomplete: 'tel', type: 'tel' })}
${asks('organization') && fields.text('organization', words('organization'), { maxLength: limits.organization, autocomplete: 'organization' })}
${asks('files') && fields.files()}
${form.consent !== undefined && fields.tick('consent', localize(form.consent.text, language), form.consent.required)}
<button type="submit">${words('send')}</button>
</form>`;
  const languages = form.languages
    .filter((tag) => pageLanguages.includes(tag))
    .map((tag) => ({ tag, name: wordsOf(tag)('language') }));
  return layout({ language, languages, content, title: hasErrors ? `${words('errorTitle')}: ${title}` : title });
}

function summary({ problem, errors = [] }: FormPage, fields: FieldRenderer, words: Words): Html {
  const known = problem !== undefined && words(`problem.${problem}`) !== `problem.${problem}` ? problem : 'other';
  return html`<div class="summary" role="alert" tabindex="-1" id="summary"><h2>${words('errorTitle')}</h2>
${
  errors.length === 0
    ? html`<p>${words(`problem.${known}`)}</p>`
    : html`<p>${words('errorSummary')}</p>
<ul>${errors.map(({ field, code }) => html`<li><a href="#${idOf(field)}">${fields.labelOf(field)}: ${errorText(code, words)}</a></li>`)}</ul>`
}
</div>`;
}

function errorText(code: string, words: Words): string {
  const text = words(`error.${code}`);
  return text === `error.${code}` ? words('error.invalid') : text;
}

/** An id that is valid and unique for any field name. */
function idOf(field: string): string {
  return `f-${field.replace(/[^A-Za-z0-9]/g, (character) => `_${character.codePointAt(0)?.toString(16) ?? ''}`)}`;
}

interface InputOptions {
  readonly maxLength: number;
  readonly autocomplete?: string;
  readonly type?: string;
  readonly required?: boolean;
}

/** Draws fields with their label, their error, and what was written before. */
class FieldRenderer {
  private readonly labels = new Map<string, string>();

  constructor(
    private readonly page: FormPage,
    private readonly words: Words,
  ) {
    for (const name of ['name', 'email', 'phone', 'organization', 'subject', 'message', 'rating', 'files']) {
      this.labels.set(name, words(name));
    }
    for (const field of page.form.fields) this.labels.set(`fields.${field.name}`, localize(field.label, page.language));
    if (page.form.consent !== undefined) this.labels.set('consent', localize(page.form.consent.text, page.language));
  }

  labelOf(field: string): string {
    return this.labels.get(field) ?? field;
  }

  text(field: string, label: string, options: InputOptions, name = field): Html {
    const input = html`<input id="${idOf(field)}" name="${name}" type="${options.type ?? 'text'}" maxlength="${options.maxLength}" value="${this.value(name)}"${options.autocomplete !== undefined && html` autocomplete="${options.autocomplete}"`}${this.state(field, options.required, (field === 'email' || field === 'phone') && 'contact-hint')}>`;
    return this.labelled(field, label, input, options.required);
  }

  area(field: string, label: string): Html {
    const input = html`<textarea id="${idOf(field)}" name="${field}" maxlength="${limits.message}" rows="7"${this.state(field, true)}>
${this.value(field)}</textarea>`;
    return this.labelled(field, label, input, true);
  }

  /** A field that the form's configuration declares. */
  own(field: FormField): Html {
    const key = `fields.${field.name}`;
    const name = `fields[${field.name}]`;
    const label = localize(field.label, this.page.language);
    const { required, maxLength } = field;
    switch (field.type) {
      case 'text':
        return this.text(key, label, { maxLength, required }, name);
      case 'number':
        return this.text(key, label, { maxLength: 30, required, type: 'number' }, name);
      case 'boolean':
        return this.tick(key, label, required, name);
      case 'choice': {
        const options = field.choices.map(
          (choice) =>
            html`<option value="${choice.value}"${this.value(name) === choice.value && html` selected`}>${localize(choice.label, this.page.language)}</option>`,
        );
        const input = html`<select id="${idOf(key)}" name="${name}"${this.state(key, required)}><option value="">${this.words('choose')}</option>${options}</select>`;
        return this.labelled(key, label, input, required);
      }
    }
  }

  rating(): Html {
    const { words } = this;
    const choice = (value: string, label: string | Html) =>
      html`<label><input type="radio" name="rating" value="${value}"${value === '' && html` id="${idOf('rating')}"`}${this.value('rating') === value && html` checked`}>${label}</label>`;
    const note = (value: number) => {
      if (value === 1) return `1 – ${words('ratingLow')}`;
      return value === 5 ? `5 – ${words('ratingHigh')}` : String(value);
    };
    return html`<fieldset class="field"${this.described('rating')}><legend>${words('rating')}</legend>${this.error('rating')}
<div class="choices">${[1, 2, 3, 4, 5].map((value) => choice(String(value), note(value)))}${choice('', words('noRating'))}</div></fieldset>`;
  }

  files(): Html {
    const { count, bytes } = this.page.files;
    const hint = this.words('filesHint')
      .replace('{count}', String(count))
      .replace('{megabytes}', String(Math.max(1, Math.round(bytes / 1024 / 1024))));
    const input = html`<input id="${idOf('files')}" name="files" type="file" multiple${this.state('files', false, 'files-hint')}>`;
    const again = this.page.values !== undefined && html`<p class="hint">${this.words('filesAgain')}</p>`;
    return html`<div class="field"><label for="${idOf('files')}">${this.words('files')}</label><p class="hint" id="files-hint">${hint}</p>${again}${this.error('files')}${input}</div>`;
  }

  tick(field: string, label: string, required: boolean, name = field): Html {
    return html`<div class="field">${this.error(field)}<label class="tick" for="${idOf(field)}"><input id="${idOf(field)}" type="checkbox" name="${name}" value="true"${this.value(name) === 'true' && html` checked`}${this.state(field, required)}><span>${label}${this.mark(required)}</span></label></div>`;
  }

  private labelled(field: string, label: string, input: Html, required = false): Html {
    return html`<div class="field"><label for="${idOf(field)}">${label}${this.mark(required)}</label>${this.error(field)}${input}</div>`;
  }

  private mark(required: boolean): Html | false {
    return required && html` <span class="mark">(${this.words('required')})</span>`;
  }

  private value(name: string): string {
    return this.page.values?.get(name) ?? '';
  }

  private codeOf(field: string): string | undefined {
    return this.page.errors?.find((error) => error.field === field)?.code;
  }

  private error(field: string): Html | false {
    const code = this.codeOf(field);
    return code !== undefined && html`<p class="error" id="${idOf(field)}-error">${errorText(code, this.words)}</p>`;
  }

  private described(field: string, hint: string | false = false): Html | false {
    const ids = [this.codeOf(field) !== undefined && `${idOf(field)}-error`, hint].filter((id) => id !== false);
    return ids.length > 0 && html` aria-describedby="${ids.join(' ')}"`;
  }

  private state(field: string, required = false, hint: string | false = false): Html {
    const invalid = this.codeOf(field) !== undefined && html` aria-invalid="true"`;
    return html`${required && html` required`}${invalid}${this.described(field, hint)}`;
  }
}
