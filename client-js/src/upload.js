/**
 * `<lf-upload>`: a control for files, which sends them as soon as they are chosen and is a control of its form. Loaded when a page first shows one; knows nothing of
 * the rest of the client.
 *
 * Attributes: `name`, `ticket` (what the server takes), `accept`, `capture`, `max-bytes`, `max-files`, `required`, `disabled`. It is emptied whenever `lf-clear`
 * changes. Its value is what an event says for the files: their names on the server, once those are there. It sends `change` when all that was chosen has come, or when
 * something was taken away; a form that is submitted before waits for it.
 */
import { Sending, words } from './sending.js';

/** Files on their way at the same time. */
const AT_ONCE = 3;
/** What a control without files says, so that it is not taken for text. */
const NONE = 'lfu-';
/** Between two words of how far it is, for those who hear them. */
const SAY_MS = 2000;

/**
 * @typedef {object} Item
 * @property {Sending} sending
 * @property {HTMLElement} row
 * @property {HTMLProgressElement} bar
 * @property {HTMLElement} note
 */

let lastId = 0;

/** @template {keyof HTMLElementTagNameMap} K @param {K} name @param {object} [properties] @param {...(string | Node)} content @returns {HTMLElementTagNameMap[K]} */
const create = (name, properties = {}, ...content) => {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...content);
  return element;
};

/** Whether a file is among those that `accept` lists. @param {File} file @param {string} accept */
function accepts({ name, type }, accept) {
  const parts = accept
    .toLowerCase()
    .split(',')
    .flatMap((part) => part.trim() || []);
  return (
    !parts.length ||
    parts.some((part) =>
      part.startsWith('.')
        ? name.toLowerCase().endsWith(part)
        : part.endsWith('/*')
          ? part === '*/*' || type.toLowerCase().startsWith(part.slice(0, -1))
          : type.toLowerCase() === part,
    )
  );
}

/** @param {Item[]} items */
const referencesOf = (items) => items.flatMap(({ sending }) => sending.reference || []);

/** @param {Item[]} items */
const textOf = (items) => referencesOf(items).join(' ') || NONE;

class Upload extends HTMLElement {
  static formAssociated = true;
  static observedAttributes = [
    'accept',
    'capture',
    'max-files',
    'lf-clear',
    'required',
    'aria-describedby',
    'aria-invalid',
    'aria-labelledby',
  ];

  #internals = this.attachInternals();
  #input = create('input', { type: 'file' });
  #hint = create('span', { className: 'lf-upload-hint', id: `lf-upload-hint-${++lastId}` });
  #zone = create('label', { className: 'lf-upload-zone' }, this.#input, this.#hint);
  #list = create('ul', { className: 'lf-upload-list' });
  #problem = create('p', { className: 'lf-field-error', role: 'alert', hidden: true });
  #live = create('span', { className: 'lf-hidden', role: 'status' });
  /** @type {Item[]} */
  #items = [];
  /** What it had before its form was reset. @type {Item[]} */
  #gone = [];
  /** The files have changed and nobody was told. */
  #isNews = false;
  /** How a form that waits for files was submitted. @type {{ form: HTMLFormElement, submitter: HTMLElement | null } | null} */
  #waiting = null;
  /** @type {HTMLFormElement | null} */
  #form = null;
  #isReady = false;
  #isTicking = false;
  #said = 0;

  constructor() {
    super();
    const input = this.#input;
    input.addEventListener('change', () => {
      this.#add([...(input.files ?? [])]);
      // So that the same file can be chosen again.
      input.value = '';
    });
    // What happens inside is nobody else's: this says itself what has changed.
    for (const type of ['input', 'change'])
      this.addEventListener(type, (event) => event.target !== this && event.stopPropagation());
    this.#zone.addEventListener('dragover', (event) => this.#over(event));
    for (const type of ['dragleave', 'dragend'])
      this.#zone.addEventListener(type, () => this.#zone.classList.remove('lf-upload-over'));
    this.#zone.addEventListener('drop', (event) => this.#drop(event));
    this.addEventListener('paste', (event) => this.#paste(event));
  }

  connectedCallback() {
    this.#isReady = true;
    if (!this.contains(this.#zone)) this.append(this.#zone, this.#problem, this.#list, this.#live);
    this.#show();
  }

  disconnectedCallback() {
    this.#clear();
    this.#listen(null);
  }

  /** Moved within the document: nothing to take down and set up again. */
  connectedMoveCallback() {}

  /** @param {string} name @param {string | null} before @param {string | null} after */
  attributeChangedCallback(name, before, after) {
    if (before === after) return;
    if (name === 'lf-clear' && this.#isReady) this.#clear();
    if (/^a(ria|ccept)|^capture/.test(name)) this.#name(name, after);
    this.#show();
  }

  /** @param {HTMLFormElement | null} form */
  formAssociatedCallback(form) {
    this.#listen(form);
  }

  formResetCallback() {
    // What the server then refuses is put back.
    this.#gone = this.#items.filter(({ sending }) => sending.isSpent);
    this.#clear();
  }

  /** @param {boolean} disabled */
  formDisabledCallback(disabled) {
    this.#input.disabled = disabled;
    this.#show();
  }

  get name() {
    return this.getAttribute('name') ?? '';
  }

  get form() {
    return this.#internals.form;
  }

  get type() {
    return this.localName;
  }

  /** The names of its files on the server; and of none that there is none. Only nothing can be set, or what a reset has
   * just taken away. */
  get value() {
    return textOf(this.#items);
  }

  set value(value) {
    const gone = this.#gone;
    this.#clear();
    if (!value || value === NONE) return;
    if (value !== textOf(gone)) throw new TypeError('files can be taken away, not set');
    this.#items = gone;
    this.#show();
  }

  /** @param {FocusOptions} [options] */
  focus(options) {
    this.#input.focus(options);
  }

  get #references() {
    return referencesOf(this.#items);
  }

  /** @param {string} name */
  #number(name) {
    return Number(this.getAttribute(name)) || Infinity;
  }

  get #isFull() {
    return this.#items.length >= this.#number('max-files');
  }

  /** The input inside is what people meet, so it has what is said of this. @param {string} name @param {string | null} value */
  #name(name, value) {
    if (name === 'aria-labelledby') value = `${value ?? ''} ${this.#hint.id}`.trim();
    if (value === null) this.#input.removeAttribute(name);
    else this.#input.setAttribute(name, value);
  }

  /** @param {HTMLFormElement | null} form */
  #listen(form) {
    this.#form?.removeEventListener('submit', this.#submit, true);
    this.#form = form;
    form?.addEventListener('submit', this.#submit, true);
  }

  /** A form is only sent with its files. @param {SubmitEvent} event */
  #submit = (event) => {
    // What an earlier event has used up is asked for, and sent again where it is gone.
    for (const { sending } of this.#items) if (sending.isSpent) sending.retry();
    this.#pump();
    const form = /** @type {HTMLFormElement} */ (event.target);
    if (this.#items.every(({ sending }) => sending.reference)) {
      for (const { sending } of this.#items) sending.isSpent = true;
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    this.#waiting = { form, submitter: event.submitter };
    const failed = this.#items.find(({ sending }) => sending.problem);
    if (failed) this.#complain(`${failed.sending.file.name}: ${failed.sending.problem}`);
    else this.#say('The form is sent when the files are there.');
  };

  /** @param {DragEvent} event */
  #over(event) {
    if (this.matches(':disabled') || !event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'copy';
    this.#zone.classList.add('lf-upload-over');
  }

  /** @param {DragEvent} event */
  #drop(event) {
    this.#zone.classList.remove('lf-upload-over');
    const files = [...(event.dataTransfer?.files ?? [])];
    if (!files.length || this.matches(':disabled')) return;
    event.preventDefault();
    this.#add(files);
  }

  /** @param {ClipboardEvent} event */
  #paste(event) {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length || this.matches(':disabled')) return;
    event.preventDefault();
    this.#add(files);
  }

  /** @param {File[]} files */
  #add(files) {
    if (!files.length) return;
    const most = this.#number('max-files');
    const mostBytes = this.#number('max-bytes');
    const accept = this.getAttribute('accept') ?? '';
    const problems = [];
    // Of a control for one file the next takes the place of the one before.
    if (most === 1) {
      files = files.slice(0, 1);
      this.#clear();
    }
    for (const file of files) {
      const what = `${file.name}: `;
      if (this.#isFull) problems.push(`expected at most ${most} files`);
      else if (!accepts(file, accept))
        problems.push(`${what}expected a file of the kind ${accept}`);
      else if (file.size > mostBytes)
        problems.push(`${what}expected at most ${words(mostBytes)}, got ${words(file.size)}`);
      else this.#items.push(this.#item(file));
    }
    this.#complain([...new Set(problems)].join('\n'));
    this.#isNews = true;
    this.#pump();
  }

  /** @param {File} file @returns {Item} */
  #item(file) {
    const sending = new Sending(
      file,
      () => this.getAttribute('ticket') ?? '',
      () => this.#pump(),
    );
    const bar = create('progress', { max: 1, value: 0, ariaLabel: file.name });
    const note = create('span', { className: 'lf-upload-note' });
    const remove = create('button', {
      type: 'button',
      textContent: '×',
      ariaLabel: `Remove ${file.name}`,
      onclick: () => this.#remove(sending),
    });
    const name = create('span', { className: 'lf-upload-name', textContent: file.name });
    const row = create('li', {}, name, note, remove, bar);
    if (/^image\/(png|jpeg|gif|webp|avif|bmp)$/.test(file.type)) {
      const picture = create('img', { alt: '', src: URL.createObjectURL(file) });
      picture.onload = picture.onerror = () => URL.revokeObjectURL(picture.src);
      row.prepend(picture);
    }
    return { sending, row, bar, note };
  }

  /** @param {Sending} sending */
  #remove(sending) {
    sending.stop();
    const at = this.#items.findIndex((item) => item.sending === sending);
    this.#items.splice(at, 1);
    this.#complain('');
    this.#isNews = true;
    // The button that had the focus is gone.
    const next = this.#items[at] ?? this.#items.at(-1);
    this.#show();
    (next?.row.querySelector('button') ?? this.#input).focus();
    this.#pump();
  }

  #clear() {
    for (const { sending } of this.#items.splice(0)) sending.stop();
    this.#waiting = null;
    this.#isNews = false;
    this.#complain('');
    this.#show();
  }

  /** Sends what waits, and says what has changed. */
  #pump() {
    let running = this.#items.filter(({ sending }) => sending.isRunning).length;
    for (const { sending } of this.#items) {
      if (running < AT_ONCE && sending.isWaiting) {
        running++;
        sending.start();
      }
    }
    this.#show();
    if (running || !this.#isReady) return;
    if (this.#isNews && this.isConnected) {
      this.#isNews = false;
      const { length } = this.#items;
      if (this.#references.length === length) {
        if (length)
          this.#say(
            length > 1
              ? `${length} files are there.`
              : `${this.#items[0]?.sending.file.name} is there.`,
          );
        this.dispatchEvent(new Event('change', { bubbles: true }));
      }
    }
    const waiting = this.#waiting;
    if (!waiting || this.#items.some(({ sending }) => !sending.reference)) return;
    this.#waiting = null;
    // A button that has gone meanwhile can't submit.
    const { form, submitter } = waiting;
    HTMLFormElement.prototype.requestSubmit.call(form, submitter?.isConnected ? submitter : null);
  }

  /** Shows how things are: soon, since progress comes often. */
  #show() {
    if (!this.#isReady) return;
    const form = new FormData();
    for (const reference of this.#references) form.append(this.name, reference);
    this.#internals.setFormValue(form);
    const isMissing = this.hasAttribute('required') && !this.#items.length;
    this.#internals.setValidity(
      isMissing ? { valueMissing: true } : {},
      isMissing ? 'Please choose a file.' : '',
      isMissing ? this.#input : undefined,
    );
    if (this.#isTicking) return;
    this.#isTicking = true;
    queueMicrotask(() => {
      this.#isTicking = false;
      this.#draw();
    });
  }

  #draw() {
    const most = this.#number('max-files');
    const isBusy = this.#items.some(({ sending }) => sending.isRunning || sending.isWaiting);
    this.#input.multiple = most > 1;
    this.#hint.textContent =
      most > 1
        ? 'Choose files, or drop or paste them here'
        : 'Choose a file, or drop or paste it here';
    this.#internals.ariaBusy = String(isBusy);
    this.#list.hidden = !this.#items.length;
    const rows = this.#items.map(({ row }) => row);
    const { childNodes } = this.#list;
    if (rows.length !== childNodes.length || rows.some((row, at) => row !== childNodes[at]))
      this.#list.replaceChildren(...rows);
    for (const { sending, row, bar, note } of this.#items) {
      const { file, problem, sent, isRunning, reference } = sending;
      bar.hidden = !!reference || !!problem;
      bar.value = file.size ? sent / file.size : 0;
      row.classList.toggle('lf-upload-failed', !!problem);
      note.textContent =
        problem || (isRunning && sent ? `${words(sent)} of ${words(file.size)}` : words(file.size));
    }
    const problem = this.#items.find(({ sending }) => sending.problem)?.sending;
    if (problem && this.#problem.hidden) this.#complain(`${problem.file.name}: ${problem.problem}`);
    const now = performance.now();
    if (!isBusy || now < this.#said + SAY_MS) return;
    const total = this.#items.reduce((sum, { sending }) => sum + sending.file.size, 0);
    const sent = this.#items.reduce(
      (sum, { sending }) => sum + (sending.reference ? sending.file.size : sending.sent),
      0,
    );
    if (total && sent) this.#say(`${Math.floor((100 * sent) / total)} %`);
  }

  /** @param {string} words */
  #complain(words) {
    this.#problem.textContent = words;
    this.#problem.hidden = !words;
    if (words || this.getAttribute('aria-invalid'))
      this.#input.setAttribute('aria-invalid', 'true');
    else this.#input.removeAttribute('aria-invalid');
  }

  /** For those who hear the page. @param {string} words */
  #say(words) {
    this.#said = performance.now();
    this.#live.textContent = words;
  }
}

if (!customElements.get('lf-upload')) customElements.define('lf-upload', Upload);
