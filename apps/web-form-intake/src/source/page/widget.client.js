// The embeddable form: one file, no dependencies, styles inside a shadow root. `config` is put before this file when it is served.
(() => {
  const script = document.currentScript;
  const origin = new URL(script.src).origin;
  const pageLanguage = (script.dataset.lang || document.documentElement.lang || '').slice(0, 2).toLowerCase();
  const language = config.words[pageLanguage] ? pageLanguage : config.languages[0];
  const words = config.words[language];
  const localized = (text) => (text && (text[language] || Object.values(text)[0])) || '';

  function element(name, attributes = {}, ...children) {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (value === true) node.setAttribute(key, '');
      else if (value !== false && value !== undefined) node.setAttribute(key, value);
    }
    node.append(...children.filter((child) => child !== undefined && child !== false));
    return node;
  }

  const host = element('div', { lang: language });
  const root = host.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(config.css);
  root.adoptedStyleSheets = [sheet];

  const inputs = new Map();
  let counter = 0;

  function field(name, label, input, required) {
    const id = `phanhoi-${(counter += 1)}`;
    const error = element('p', { class: 'error', id: `${id}-error`, hidden: true });
    input.id = id;
    input.name = name;
    if (required) input.required = true;
    inputs.set(name, { input, error });
    const mark = required && element('span', { class: 'mark' }, ` (${words.required})`);
    const isTick = input.type === 'checkbox';
    const text = element('label', { for: id, class: isTick ? 'tick' : '' }, isTick ? input : '', label, mark);
    return isTick
      ? element('div', { class: 'field' }, error, text)
      : element('div', { class: 'field' }, text, error, input);
  }

  const text = (maxlength, type = 'text', autocomplete) => element('input', { type, maxlength, autocomplete });
  const choice = (options, first) =>
    element(
      'select',
      {},
      element('option', { value: '' }, first),
      ...options.map(([value, label]) => element('option', { value }, label)),
    );

  function ownField(own) {
    const label = localized(own.label);
    const kinds = {
      text: () => text(own.maxLength),
      number: () => text(30, 'number'),
      boolean: () => element('input', { type: 'checkbox' }),
      choice: () =>
        choice(
          own.choices.map(({ value, label: name }) => [value, localized(name)]),
          words.choose,
        ),
    };
    return field(`fields.${own.name}`, label, kinds[own.type](), own.required);
  }

  const asks = (name) => config.ask.includes(name);
  const ratings = [1, 2, 3, 4, 5].map((value) => [
    String(value),
    { 1: `1 – ${words.ratingLow}`, 5: `5 – ${words.ratingHigh}` }[value] || String(value),
  ]);
  const title = element('h2', { id: 'phanhoi-title', tabindex: '-1' }, localized(config.title));
  const problem = element('p', { class: 'error', role: 'alert' });
  const send = element('button', { type: 'submit' }, words.send);
  const form = element(
    'form',
    { novalidate: true },
    problem,
    asks('subject') && field('subject', words.subject, text(config.limits.subject)),
    field('message', words.message, element('textarea', { rows: 5, maxlength: config.limits.message }), true),
    ...config.fields.map(ownField),
    asks('rating') && field('rating', words.rating, choice(ratings, words.noRating)),
    asks('name') && field('name', words.name, text(config.limits.name, 'text', 'name')),
    asks('email') && field('email', words.email, text(config.limits.email, 'email', 'email')),
    asks('phone') && field('phone', words.phone, text(config.limits.phone, 'tel', 'tel')),
    asks('organization') &&
      field('organization', words.organization, text(config.limits.organization, 'text', 'organization')),
    asks('files') && field('files', words.files, element('input', { type: 'file', multiple: true })),
    config.consent &&
      field('consent', localized(config.consent.text), element('input', { type: 'checkbox' }), config.consent.required),
    send,
  );
  const close = element('button', { type: 'button', class: 'close', 'aria-label': words.close }, '×');
  const content = element('div', {}, form);
  const dialog = element('dialog', { 'aria-labelledby': 'phanhoi-title' }, close, title, content);
  const opener = element(
    'button',
    { type: 'button', class: 'opener', 'aria-haspopup': 'dialog' },
    localized(config.title),
  );
  const open = () => dialog.showModal();
  opener.addEventListener('click', open);
  close.addEventListener('click', () => dialog.close());

  const own = script.dataset.button && document.querySelector(script.dataset.button);
  if (own) own.addEventListener('click', open);
  root.append(...(own ? [] : [opener]), dialog);
  (document.body || document.documentElement).append(host);

  function values() {
    const body = { form: config.form, language };
    for (const [name, { input }] of inputs) {
      if (name === 'files' || (input.type === 'checkbox' ? !input.checked : input.value.trim() === '')) continue;
      const numeric = name === 'rating' || input.type === 'number';
      const value = input.type === 'checkbox' ? true : numeric ? Number(input.value) : input.value;
      if (name.startsWith('fields.')) body.fields = { ...body.fields, [name.slice('fields.'.length)]: value };
      else body[name] = value;
    }
    return body;
  }

  function asForm(body, files) {
    const data = new FormData();
    for (const [name, value] of Object.entries(body))
      data.append(name, name === 'fields' ? JSON.stringify(value) : String(value));
    for (const file of files) data.append('files', file);
    return data;
  }

  function show(errors, code) {
    let first;
    for (const [name, { input, error }] of inputs) {
      const wrong = errors.find((one) => one.field === name);
      error.textContent = wrong ? words[`error.${wrong.code}`] || words['error.invalid'] : '';
      error.hidden = !wrong;
      input.toggleAttribute('aria-invalid', Boolean(wrong));
      if (wrong) {
        input.setAttribute('aria-invalid', 'true');
        input.setAttribute('aria-describedby', error.id);
        first = first || input;
      } else input.removeAttribute('aria-describedby');
    }
    problem.textContent = code && !first ? words[`problem.${code}`] || words['problem.other'] : '';
    if (first) first.focus();
  }

  function thank(reference) {
    title.textContent = words.thanksTitle;
    content.replaceChildren(
      element('p', { role: 'status' }, localized(config.thanks) || words.thanks),
      element('p', { class: 'hint' }, words.reference),
      element('p', { class: 'reference' }, reference),
    );
    title.focus();
  }

  // A repetition of the same content carries the same key, so that it is one feedback however often it is sent.
  let last = {};
  function keyFor(content) {
    if (last.content !== content) {
      const random = crypto.getRandomValues(new Uint8Array(16));
      last = { content, key: Array.from(random, (byte) => byte.toString(16).padStart(2, '0')).join('') };
    }
    return last.key;
  }

  async function submit() {
    const body = values();
    const files = inputs.has('files') ? [...inputs.get('files').input.files] : [];
    const json = JSON.stringify(body);
    const key = keyFor(json + files.map((file) => `${file.name} ${file.size} ${file.lastModified}`).join('|'));
    const headers =
      files.length > 0 ? { 'idempotency-key': key } : { 'idempotency-key': key, 'content-type': 'application/json' };
    const payload = files.length > 0 ? asForm(body, files) : json;
    const answer = await fetch(`${origin}/api/v1/feedback`, {
      method: 'POST',
      headers,
      body: payload,
      credentials: 'omit',
    });
    const result = await answer.json();
    if (answer.status === 202) thank(result.reference);
    else show(result.errors || [], answer.status === 503 ? 'busy' : result.code);
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    send.disabled = true;
    show([]);
    submit()
      .catch(() => show([], 'busy'))
      .finally(() => {
        send.disabled = false;
      });
  });
})();
