/** What an event says: controls and forms as `application/x-www-form-urlencoded` text. */
import { attributeOf, elementsOf } from './dom.js';

/** @param {Element} element */
const isTick = (element) =>
  element instanceof HTMLInputElement &&
  element.type === 'checkbox' &&
  attributeOf(element, 'value') === null;

/** @param {HTMLFormElement} form @param {HTMLElement | null} [submitter] */
export function serializeForm(form, submitter) {
  // A browser says "on" for a ticked box without a value, which no type parses as a boolean.
  const ticks = new Set(
    Array.from(elementsOf(form))
      .filter(isTick)
      .map((element) => attributeOf(element, 'name')),
  );
  const pairs = new URLSearchParams();
  for (const [name, value] of new FormData(form, submitter)) {
    if (typeof value !== 'string') console.warn(`livefloe: the file in "${name}" is not sent`);
    else pairs.append(name, value === 'on' && ticks.has(name) ? 'true' : value);
  }
  return pairs.toString();
}

/** The name and value of one control. @param {Element} control */
export function serializeControl(control) {
  const name = nameOf(control);
  return new URLSearchParams(valuesOf(control).map((value) => [name, value])).toString();
}

/** @param {Element} control @returns {string[]} */
function valuesOf(control) {
  if (control instanceof HTMLSelectElement)
    return Array.from(control.selectedOptions, (option) => option.value);
  if (isTick(control)) return [String(/** @type {HTMLInputElement} */ (control).checked)];
  if (control instanceof HTMLInputElement && control.type === 'file') return [];
  if (control instanceof HTMLInputElement && control.type === 'checkbox')
    return control.checked ? [control.value] : [];
  // Anything with a value is a control: custom elements are.
  if ('value' in control) return [String(control.value)];
  return [control.textContent ?? ''];
}

/** The value that a button, a box, or any other element with the attribute carries. @param {Element} element */
export function serializeButton(element) {
  if (element instanceof HTMLInputElement) return serializeControl(element);
  const value = attributeOf(element, 'value');
  return value === null ? '' : new URLSearchParams({ [nameOf(element)]: value }).toString();
}

/** @param {Element} element */
const nameOf = (element) => attributeOf(element, 'name') || 'value';

const FIELDS = 'input:not([type="hidden"]), textarea, select';

/** Empties a form that asks for it, and goes on in its first field. @param {Element} form */
export function resetForm(form) {
  if (
    !(form instanceof HTMLFormElement) ||
    !form.isConnected ||
    attributeOf(form, 'lf-reset') === null
  )
    return;
  const isInside = form.contains(document.activeElement);
  HTMLFormElement.prototype.reset.call(form);
  const first = Array.from(elementsOf(form)).find(
    (element) => element.matches(FIELDS) && !element.matches(':disabled'),
  );
  if (isInside && first instanceof HTMLElement) first.focus();
}
