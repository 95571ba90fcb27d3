/** Shows that an event was refused: on its element, at the fields that it names, and in words. */
import { attributeOf, closest, elementsOf } from './dom.js';
import { mark, own, unmark } from './mark.js';
import { toast } from './toast.js';

/**
 * @typedef {import('./protocol.js').Refused} Refused
 * @typedef {import('./session.js').SentEvent} SentEvent
 * @typedef {{ controls: Element[], form: Element, note: HTMLElement }} FieldError
 */

/** @type {[name: string, message: string][]} by code */
const CODES = [
  ['unknown', 'This could not be done.'],
  ['stale', 'This is no longer there.'],
  ['invalid', 'Please check what you entered.'],
  ['error', 'Something went wrong.'],
  ['busy', 'Too much is going on. Please try again.'],
  ['timeout', 'This took too long.'],
];

const ERROR = 3;
export const BUSY = 4;

export class Refusals {
  /** @type {FieldError[]} */
  #fields = [];
  #lastNote = 0;

  start() {
    document.addEventListener('input', ({ target }) => {
      this.#clear(({ controls }) => controls.includes(/** @type {Element} */ (target)));
    });
  }

  /** A new event is made: what was wrong with the last one is past. @param {Element} element */
  forget(element) {
    unmark(element, 'lf-error');
  }

  /** The server has taken an event: its form is in order. @param {SentEvent} event */
  accept(event) {
    const form = formOf(event);
    this.#clear((field) => field.form === form);
  }

  /**
   * @param {Pick<SentEvent, 'element' | 'target'>} event
   * @param {Pick<Refused, 'code' | 'message' | 'fields'>} refusal
   */
  show(event, { code, message, fields }) {
    const [name, general] = CODES[code] ?? /** @type {[string, string]} */ (CODES[0]);
    const form = formOf(event);
    this.#clear((field) => field.form === form);
    mark(event.element, 'lf-error', name);
    const elsewhere = fields.filter(([field, text]) => !this.#showField(form, field, text));
    const words = [message, ...elsewhere.map((pair) => pair.join(': '))].filter(Boolean);
    if (words.length || !fields.length) toast(words.join(' ') || general, code === ERROR);
  }

  /** @param {Element} form @param {string} name @param {string} text @returns {boolean} whether there is such a field */
  #showField(form, name, text) {
    const candidates = form instanceof HTMLFormElement ? [...elementsOf(form)] : [form];
    const controls = candidates.filter(
      (control) => control.isConnected && attributeOf(control, 'name') === name,
    );
    const last = controls.at(-1);
    if (!last) return false;
    const note = own(document.createElement('small'));
    note.className = 'lf-field-error';
    note.setAttribute('role', 'alert');
    note.id = `lf-field-error-${++this.#lastNote}`;
    note.textContent = text;
    last.after(note);
    for (const control of controls) {
      const described = attributeOf(control, 'aria-describedby');
      mark(control, 'aria-invalid', 'true');
      mark(control, 'aria-describedby', described ? `${described} ${note.id}` : note.id);
    }
    this.#fields.push({ controls, form, note });
    return true;
  }

  /** @param {(field: FieldError) => boolean} isPast */
  #clear(isPast) {
    const past = this.#fields.filter(isPast);
    this.#fields = this.#fields.filter((field) => !past.includes(field));
    for (const { controls, note } of past) {
      note.remove();
      for (const control of controls) {
        unmark(control, 'aria-invalid');
        unmark(control, 'aria-describedby');
      }
    }
  }
}

/** The form of an event, or the control alone. A patch may have put another in its place. @param {Pick<SentEvent, 'element' | 'target'>} event */
function formOf({ element, target }) {
  const subject = target.isConnected ? target : element;
  const { form } = /** @type {HTMLInputElement} */ (subject);
  const found =
    subject instanceof HTMLFormElement ? subject : (form ?? closest(subject, 'form') ?? subject);
  return found.isConnected ? found : (document.getElementById(found.id) ?? found);
}
