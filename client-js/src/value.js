/**
 * The three-way rule for form state: the server's value is applied only when the server changed it,
 * and only once it has seen what the person did to the control since. Until then it is held.
 */
import { writeAttribute } from './attribute.js';
import { attributeOf, closest, elementsOf } from './dom.js';

/** @typedef {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} Control */

export const CONTROLS = 'input, textarea, select';

/** Inputs whose `value` attribute is not what the person edits. */
const FIXED_VALUE = new Set('checkbox radio hidden button submit reset image file'.split(' '));

/** Whether the attribute is form state, which lives in a property. @param {Element} element @param {string} name */
function isState(element, name) {
  if (name === 'selected') return element instanceof HTMLOptionElement;
  if (!(element instanceof HTMLInputElement)) return false;
  return name === 'checked' || (name === 'value' && !FIXED_VALUE.has(element.type));
}

/** Whether a control shows something else than its attributes say. @param {Element} control one of `CONTROLS` */
export function isChanged(control) {
  // A reset copy knows the default of every kind of control, ranges and selects included.
  const form = document.createElement('form');
  form.append(control.cloneNode(true));
  form.reset();
  const fresh = /** @type {Control} */ (form.firstChild);
  return shown(fresh) !== shown(/** @type {Control} */ (control));
}

/** @param {Control} control */
function shown(control) {
  if (control instanceof HTMLSelectElement) return chosen(control).join();
  return 'checked' in control ? `${control.checked} ${control.value}` : control.value;
}

/** @param {HTMLSelectElement} select */
const chosen = (select) => Array.from(select.options, (option) => option.selected && option.value);

export class Values {
  #nextSeq;
  #ack = 0;
  /** @type {WeakMap<Element, number>} the first event that tells the server of the last edit */
  #marks = new WeakMap();
  /** @type {Map<Element, Map<string, string | null>>} what the server wants, per element and attribute */
  #held = new Map();
  /** @type {Map<HTMLSelectElement, (string | false)[]>} choices to put back after the options changed */
  #choices = new Map();
  /** @type {EventTarget | null} the control in which an input method is composing */
  #composing = null;

  /** @param {() => number} nextSeq the number that the next event will have */
  constructor(nextSeq) {
    this.#nextSeq = nextSeq;
  }

  start() {
    // Captured, so that an edit is marked before the event that tells of it is made.
    document.addEventListener(
      'input',
      ({ target }) => this.edited(/** @type {Element} */ (target)),
      true,
    );
    document.addEventListener('compositionstart', ({ target }) => {
      this.#composing = target;
    });
    document.addEventListener('compositionend', () => {
      this.#composing = null;
      this.settle(this.#ack);
    });
    document.addEventListener('reset', ({ target }) => {
      if (target instanceof HTMLFormElement) this.forget(target);
    });
  }

  /** The server does not know yet what the control shows. @param {Element} control */
  edited(control) {
    for (const member of group(control)) this.#marks.set(member, this.#nextSeq());
  }

  /** Whether the person edited the control after the event `seq` was made. @param {Element} control */
  isEditedAfter(control, seq = this.#ack) {
    return (this.#marks.get(control) ?? 0) > seq;
  }

  /** @param {Element} form @param {number} seq */
  isFormEditedAfter(form, seq) {
    return (
      form instanceof HTMLFormElement &&
      [...elementsOf(form)].some((control) => this.isEditedAfter(control, seq))
    );
  }

  /** A form was reset: its controls show the server's values again. @param {HTMLFormElement} form */
  forget(form) {
    for (const control of elementsOf(form)) this.#marks.delete(control);
  }

  /** A replaced control hands on what was typed into it. @param {Element} from @param {Element} to */
  inherit(from, to) {
    if (!this.isEditedAfter(from) || !from.matches(CONTROLS) || !to.matches(CONTROLS)) return;
    /** @type {Control} */ (to).value = /** @type {Control} */ (from).value;
    this.#marks.set(to, this.#marks.get(from) ?? 0);
  }

  /**
   * Sets an attribute, or removes it for null: form state when `settle` allows it, the rest at once.
   *
   * @param {Element} element
   * @param {string} name
   * @param {string | null} value
   */
  set(element, name, value) {
    if (isState(element, name)) this.#hold(element, name, value);
    else writeAttribute(element, name, value);
  }

  /** @param {Element} element @param {string} name @param {string | null} value */
  #hold(element, name, value) {
    const held = this.#held.get(element) ?? new Map();
    this.#held.set(element, held.set(name, value));
  }

  /** The children of `host` are about to change, or have changed. @param {Element} host */
  touch(host) {
    if (host instanceof HTMLTextAreaElement) this.#hold(host, 'value', null);
    const select = closest(host, 'select');
    if (select instanceof HTMLSelectElement && !this.#choices.has(select)) {
      this.#choices.set(select, chosen(select));
    }
  }

  /** Options that come selected would override a choice. @param {Element} element */
  inserted(element) {
    if (!this.#choices.size) return;
    for (const option of [element, ...element.querySelectorAll('option[selected]')]) {
      if (option.matches('select option[selected]')) this.#hold(option, 'selected', '');
    }
  }

  /**
   * Applies what is covered. Called after all operations of a patch, since a range clamps its value
   * to a `max` that may come later in the same patch.
   *
   * @param {number} ack the last event that the server has settled
   */
  settle(ack) {
    this.#ack = ack;
    for (const [select, choice] of this.#choices) {
      if (!this.#isBusy(select)) continue;
      for (const option of select.options) option.selected = choice.includes(option.value);
    }
    this.#choices.clear();
    for (const [element, held] of this.#held) {
      if (element.isConnected && this.#isBusy(controlOf(element))) continue;
      this.#held.delete(element);
      for (const [name, value] of held) apply(element, name, value);
    }
  }

  /** @param {Element} control */
  #isBusy(control) {
    const { validity } = /** @type {HTMLInputElement} */ (control);
    // With bad input ("1e" in a number field) there is text that no property shows.
    return this.isEditedAfter(control) || control === this.#composing || validity?.badInput;
  }
}

/** @param {Element} element */
const controlOf = (element) =>
  element instanceof HTMLOptionElement ? (closest(element, 'select') ?? element) : element;

/** Choosing one radio button edits all of its group. @param {Element} control @returns {Iterable<Element>} */
function group(control) {
  if (!(control instanceof HTMLInputElement && control.type === 'radio' && control.name))
    return [control];
  const { form, name } = control;
  return Array.from(document.getElementsByName(name)).filter(
    (other) => other instanceof HTMLInputElement && other.form === form && other.type === 'radio',
  );
}

/** @param {Element} element @param {string} name @param {string | null} value */
function apply(element, name, value) {
  if (element instanceof HTMLTextAreaElement) {
    if (element.value !== element.defaultValue) element.value = element.defaultValue;
    return;
  }
  const on = value !== null;
  // The property first: an attribute written to a clean input would move the caret.
  if (name === 'value') /** @type {HTMLInputElement} */ (element).value = value ?? '';
  if (name === 'checked') /** @type {HTMLInputElement} */ (element).checked = on;
  if (name === 'selected') /** @type {HTMLOptionElement} */ (element).selected = on;
  if (!on) element.removeAttribute(name);
  else if (attributeOf(element, name) !== value) element.setAttribute(name, value);
}
