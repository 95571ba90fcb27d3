/**
 * The three-way rule for form state: the server's value is applied only when the server changed it,
 * and only once it has seen what the person did to the control since. Until then it is held.
 */
import { writeAttribute } from './attribute.js';
import { elementsOf, isForm, isInput, isSelect, isTextArea, listen, reset } from './dom.js';
import { beneath } from './mark.js';

/** @typedef {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} Control */

/** Inputs whose `value` attribute is not what the person edits. */
const FIXED_VALUE = /^(checkbox|radio|hidden|button|submit|reset|image|file)$/;

/** @type {Map<Element, number>} the first event that tells the server of the last edit; for elements in the page */
const marks = new Map();

/** @type {Map<Element, Map<string, string | null>>} what the server wants, per element and attribute */
const held = new Map();

/** @type {Map<HTMLSelectElement, (string | false)[]>} choices to put back after the options changed */
const choices = new Map();

/** Radio buttons that were chosen before some changed their groups, in which a browser chooses but one. @type {any[]} */
const chosen = [];

/** @type {EventTarget | null} the control in which an input method is composing */
let composing = null;
let lastAck = 0;
let nextSeq = () => 0;

/** @param {() => number} next the number that the next event will have */
export function startValues(next) {
  nextSeq = next;
  // Captured, so that an edit is marked before the event that tells of it is made.
  listen(document, 'input', ({ target }) => edited(target), true);
  listen(document, 'compositionstart', ({ target }) => {
    composing = target;
  });
  listen(document, 'compositionend', () => {
    composing = null;
    settleValues(lastAck);
  });
  // A form that is reset shows the server's values again.
  listen(document, 'reset', ({ target }) => {
    for (const control of elementsOf(target)) marks.delete(control);
    settleValues(lastAck);
  });
}

/** The server does not know yet what the control shows. @param {Element} control */
export function edited(control) {
  for (const each of groupOf(control)) marks.set(each, nextSeq());
}

/** The server refused an event: what was entered is still unknown to it. @param {{ element: Element, target: Element }} event */
export function notTaken({ element, target }) {
  for (const control of isForm(element) ? elementsOf(element) : [target]) {
    if (marks.has(control)) edited(control);
  }
}

/** Whether the person edited the control after the event `seq` was made. @param {Element} control */
export const isEditedAfter = (control, seq = lastAck) => (marks.get(control) ?? 0) > seq;

/** The controls that are gone, with what the server does not know. Their marks go too. @returns {Element[]} */
export const takeGone = () =>
  [...marks.keys()].filter((control) => {
    const isNews = isEditedAfter(control);
    return !control.isConnected && marks.delete(control) && isNews;
  });

/**
 * Sets an attribute, or removes it for null: form state when `settleValues` allows it, the rest at once.
 *
 * @param {Element} element
 * @param {string} name
 * @param {string | null} value
 */
export function setAttribute(element, name, value) {
  const isState =
    (name === 'value' && isInput(element) && !FIXED_VALUE.test(element.type)) ||
    (name === 'checked' && isInput(element)) ||
    (name === 'selected' && element instanceof HTMLOptionElement);
  if (isState) hold(element, name, value);
  else {
    // A range clamps its value to its bounds for good, unless it is told again.
    if (
      /^(min|max|step)$/.test(name) &&
      isInput(element) &&
      !held.has(element) &&
      !isChanged(element)
    )
      hold(element, 'value', element.getAttribute('value'));
    if (name === 'name') keepChosen();
    if (!beneath(element, name, () => value)) writeAttribute(element, name, value);
  }
}

/** @param {Element} element @param {string} name @param {string | null} value */
function hold(element, name, value) {
  // Password managers fill in without a word.
  if (/^(value)?$/.test(name) && !marks.has(element) && isChanged(element)) edited(element);
  held.set(element, (held.get(element) ?? new Map()).set(name, value));
}

/** Radio buttons are about to change their groups, or to get others into them. */
export const keepChosen = () => chosen.push(...document.querySelectorAll('[type="radio"]:checked'));

/** The children of `host` are about to change, or have changed. @param {Element} host */
export function touch(host) {
  if (isTextArea(host)) hold(host, '', null);
  const select = host.closest('select');
  if (isSelect(select) && !choices.has(select)) choices.set(select, choiceOf(select));
}

/**
 * Applies what is held. Called after all operations of a patch, since a range clamps its value
 * to a `max` that may come later in the same patch.
 *
 * @param {number} ack the last event that the server has settled
 */
export function settleValues(ack) {
  lastAck = ack;
  for (const [select, choice] of choices) {
    const isUsed = marks.has(select);
    // Options that come selected override a choice, which is what the server wants: perhaps later.
    for (const option of select.selectedOptions)
      if (isUsed && option.defaultSelected && !choice.includes(option.value))
        hold(option, 'selected', '');
    // Of one that nobody has used, a browser would keep what was the first option.
    for (const option of select.options)
      option.selected = isUsed ? choice.includes(option.value) : option.defaultSelected;
  }
  choices.clear();
  for (const radio of chosen.splice(0)) radio.checked ||= held.get(radio)?.get('checked') !== null;
  for (const [element, wanted] of held) {
    const control = element.closest('select') ?? element;
    if (element.isConnected && isBusy(control)) continue;
    held.delete(element);
    for (const [name, value] of wanted) apply(element, name, value);
  }
}

/** @param {Element} control */
const isBusy = (control) =>
  isEditedAfter(control) ||
  control === composing ||
  // With bad input ("1e" in a number field) there is text that no property shows.
  (isInput(control) && control.validity.badInput);

/** @param {any} element @param {string} name @param {string | null} value */
function apply(element, name, value) {
  const { selectionStart, selectionEnd, value: before } = element;
  const isText = isTextArea(element);
  const wanted = isText ? element.defaultValue : name === 'value' ? (value ?? '') : value !== null;
  // The property first: an attribute written to a clean input would move the caret.
  if (element[name || 'value'] !== wanted) element[name || 'value'] = wanted;
  if (!isText) writeAttribute(element, name, value);
  // At the end it stays there; in the middle of a word that the server corrects it stays where it was.
  if (
    element === document.activeElement &&
    selectionStart !== null &&
    selectionStart < before.length
  )
    element.setSelectionRange(selectionStart, selectionEnd);
}

/** Choosing one radio button edits all of its group. @param {Element} control @returns {Element[]} */
function groupOf(control) {
  if (!isInput(control) || control.type !== 'radio') return [control];
  const { form, name } = control;
  return [...document.querySelectorAll('input')].filter(
    (other) => other.type === 'radio' && other.form === form && other.name === name,
  );
}

/** Whether a control shows something else than its attributes say. @param {Element} control one of `CONTROLS` */
export function isChanged(control) {
  // A reset copy knows the default of every kind of control, ranges and selects included.
  const form = document.createElement('form');
  form.append(control.cloneNode(true));
  reset(form);
  return shown(form.firstChild) !== shown(control);
}

/** @param {any} control @returns {string} */
const shown = (control) =>
  `${isSelect(control) ? choiceOf(control) : control.value} ${control.checked}`;

/** @param {HTMLSelectElement} select */
const choiceOf = (select) =>
  Array.from(select.options, (option) => option.selected && option.value);
