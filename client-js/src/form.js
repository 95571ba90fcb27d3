/** What an event says: controls and forms as `application/x-www-form-urlencoded` text. */
import { complain } from './diagnostic.js';
import { elementsOf, isInput, isSelect } from './dom.js';

/** A box without a value of its own. @param {Element} control @returns {control is HTMLInputElement} */
const isTick = (control) => control.matches('[type="checkbox" i]:not([value])');

/** @param {HTMLFormElement} form @param {HTMLElement | null} [submitter] */
export function serializeForm(form, submitter) {
  // A browser says "on" for it when it is ticked, which no type parses as a boolean.
  const ticks = elementsOf(form)
    .filter(isTick)
    .map(({ name }) => name);
  /** @type {[string, string][]} */
  const pairs = [];
  for (const [name, value] of new FormData(form, submitter)) {
    if (typeof value !== 'string') complain('file', name);
    else pairs.push([name, value === 'on' && ticks.includes(name) ? 'true' : value]);
  }
  return encode(pairs);
}

/** The name and value of one control, or of any other element that carries a value. @param {any} control */
export function serializeControl(control) {
  const values = isSelect(control)
    ? Array.from(control.selectedOptions, (option) => option.value)
    : isTick(control)
      ? [control.checked]
      : isInput(control) && /^(checkbox|file)$/.test(control.type) && !control.checked
        ? []
        : [control.value ?? control.getAttribute('value') ?? control.textContent];
  return encode(values.map((value) => [control.getAttribute('name') || 'value', value]));
}

/** @param {[string, string][] | Record<string, string>} pairs */
export const encode = (pairs) => new URLSearchParams(pairs).toString();
