/** Attributes that are not done with being written: each has its reason here. */
import { complain } from './diagnostic.js';
import { isInput, matches } from './dom.js';
import { parsedAttribute, trusted } from './html.js';

/** @typedef {(element: any, value: string | null, name: string) => void} Writer */

/** @param {Element} element @param {string} name */
const isSimple = (element, name) => element instanceof HTMLElement && /^(?!on)[\w.-]+$/.test(name);

/** @type {Writer} */
function plain(element, value, name) {
  if (value === null) {
    // SVG has attributes with capitals, which a server writes as it likes.
    for (const actual of element.getAttributeNames()) {
      if (actual.toLowerCase() === name.toLowerCase()) element.removeAttribute(actual);
    }
  } else if (isSimple(element, name)) element.setAttribute(name, value);
  else element.setAttributeNode(parsedAttribute(element, name, value));
}

/** The attribute says how the element starts; later only the property counts. @param {string} property @returns {Writer} */
const starting = (property) => (element, value, name) => {
  plain(element, value, name);
  element[property] = value !== null;
};

/** @type {Record<string, Writer>} */
const WRITERS = {
  // Attributes may have the names of what every object has.
  __proto__: /** @type {any} */ (null),
  muted: starting('muted'),
  'lf-indeterminate': starting('indeterminate'),
  // A strict content security policy refuses style attributes, but not the style object.
  style(element, value, name) {
    element.style.cssText = value ?? '';
    if (value === null) plain(element, value, name);
  },
  open(element, value, name) {
    if (!(element instanceof HTMLDialogElement)) {
      plain(element, value, name);
      // HTML has no attribute that opens a popover, so ours is that of the others.
      if (element.popover) element.togglePopover(value !== null);
    }
    // Removing the attribute of a modal dialog would leave the page inert.
    else if (value === null) element.close();
    else if (!element.open) show(element);
  },
  srcdoc(element, value, name) {
    plain(element, value && trusted.createHTML(value), name);
  },
};

/** Whether writing it is nothing but setting it. @param {Element} element @param {string} name */
export const isPlain = (element, name) => !WRITERS[name] && isSimple(element, name);

/** Sets an attribute, or removes it for null. @param {Element} element @param {string} name @param {string | null} value */
export function writeAttribute(element, name, value) {
  // An equal write would restart animations and move carets.
  if (value !== null && element.getAttribute(name) === value) return;
  try {
    (WRITERS[name] ?? plain)(element, value, name);
  } catch (error) {
    // Trusted Types refuse event handler attributes, for one. A resync would meet the same again.
    complain('attribute', name, element, error);
  }
}

/** @param {HTMLDialogElement} dialog */
function show(dialog) {
  if (dialog.hasAttribute('lf-modal')) dialog.showModal();
  else dialog.show();
}

/** Elements that parsing alone does not finish. */
export const SPECIAL = '[style],[autofocus],input,textarea,select,[open],lf-sketchpad';

/** Does for parsed elements what their attributes alone do not. @param {Element} root */
export function finish(root) {
  for (const element of [
    root,
    .../** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll(SPECIAL)),
  ]) {
    const { style } = /** @type {HTMLElement} */ (element);
    const css = element.getAttribute('style');
    if (css && !style.length) style.cssText = css;
    if (isInput(element)) element.indeterminate ||= element.hasAttribute('lf-indeterminate');
    if (element instanceof HTMLDialogElement && element.matches('[open][lf-modal]:not(:modal)')) {
      element.removeAttribute('open');
      show(element);
    }
    if (matches(element, '[popover][open]')) /** @type {HTMLElement} */ (element).showPopover();
  }
}
