/** Shows that an event was refused: on its element, at the fields that it names, and in words. */
import { create, elementsOf, isForm, listen } from './dom.js';
import { toast } from './toast.js';

/**
 * @typedef {import('./session.js').Refusal} Refusal
 * @typedef {{ controls: Element[], form: Element, note: HTMLElement, isToldAlready: boolean }} FieldError
 */

const CODES = ['', 'stale', 'invalid', 'error', 'busy', 'timeout'];

/** @type {FieldError[]} */
let errors = [];
let lastNote = 0;

/** The core's own: it has to know of every mark. @type {import('./notice.js').Core} */
let core;

/** @param {import('./notice.js').Core} theCore */
export function startRefusals(theCore) {
  core = theCore;
  listen(document, 'input', ({ target }) => clear(({ controls }) => controls.includes(target)));
  // What the server itself says of a field by now is newer.
  listen(document, 'livefloe:patch', () =>
    clear(({ controls, isToldAlready }) => !isToldAlready && controls.some(isTold)),
  );
}

/** The server has taken an event: the form that it came from is in order. @param {Element} target */
export function clearRefusals(target) {
  const form = formOf(target);
  clear((error) => error.form === form);
}

/**
 * @param {Element} element the one with the handler
 * @param {Element} target the one that it happened to
 * @param {Refusal} refusal
 */
export function showRefusal(element, target, { code, message, fields }) {
  clearRefusals(target);
  core.mark(element, 'lf-error', CODES[code]);
  const form = formOf(target);
  const unseen = fields.filter(([name, text]) => !showField(form, name, text));
  const words = [message, ...unseen.map((pair) => pair.join(': '))].filter(Boolean).join('\n');
  if (words || !fields.length) toast(words || 'This could not be done.', CODES[code] === 'error');
}

/** The form, or a control that is in none. @param {any} target @returns {Element} */
const formOf = (target) =>
  isForm(target) ? target : (target.form ?? target.closest('form') ?? target);

/** Whether the server says that a control is invalid. @param {Element} control */
function isTold(control) {
  /** @type {string | null} */
  let told = control.getAttribute('aria-invalid');
  core.beneath(control, 'aria-invalid', (value) => {
    told = value;
    return value;
  });
  return told !== null;
}

/** @param {Element} form @param {string} name @param {string} text @returns {boolean} whether there is such a field */
function showField(form, name, text) {
  /** @type {Element[]} */
  const candidates = isForm(form) ? elementsOf(form) : [form];
  const controls = candidates.filter((control) => control.getAttribute('name') === name);
  const last = controls.at(-1);
  if (!last?.isConnected) return false;
  const id = `lf-field-error-${++lastNote}`;
  const note = create('small', {
    id,
    className: 'lf-field-error',
    role: 'alert',
    textContent: text,
  });
  core.ownNodes.add(note);
  last.after(note);
  const isToldAlready = controls.some(isTold);
  for (const control of controls) {
    core.mark(control, 'aria-invalid', 'true');
    core.mark(
      control,
      'aria-describedby',
      `${control.getAttribute('aria-describedby') ?? ''} ${id}`.trim(),
    );
  }
  errors.push({ controls, form, note, isToldAlready });
  return true;
}

/** @param {(error: FieldError) => boolean} isPast */
function clear(isPast) {
  errors = errors.filter((error) => {
    if (!isPast(error)) return true;
    error.note.remove();
    for (const control of error.controls) {
      core.unmark(control, 'aria-invalid');
      core.unmark(control, 'aria-describedby');
    }
    return false;
  });
}
