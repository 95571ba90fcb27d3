/** Attributes that are not done with being written: each has its reason here. */
import { complain } from './diagnostic.js';
import { attributeOf } from './dom.js';
import { parsedAttribute, trusted } from './html.js';

/** @typedef {(element: any, value: string | null, name: string) => void} Writer */

/** @type {Record<string, Writer>} instead of writing the attribute */
const INSTEAD = {
  // A strict content security policy refuses style attributes, but not the style object.
  style(element, value) {
    element.style.cssText = value ?? '';
    if (value === null) element.removeAttribute('style');
  },
  open(element, value) {
    if (!(element instanceof HTMLDialogElement)) plain(element, value, 'open');
    // Removing the attribute of a modal dialog would leave the page inert.
    else if (value === null) element.close();
    else if (!element.open) show(element);
  },
  srcdoc(element, value) {
    plain(element, value && trusted.createHTML(value), 'srcdoc');
  },
};

/** @type {Record<string, Writer>} after writing the attribute */
const ALSO = {
  muted(element, value) {
    if (element instanceof HTMLMediaElement) element.muted = value !== null;
  },
  'lf-indeterminate'(element, value) {
    element.indeterminate = value !== null;
  },
};

/** Sets an attribute, or removes it for null. @param {Element} element @param {string} name @param {string | null} value */
export function writeAttribute(element, name, value) {
  // An equal write would restart animations and move carets.
  if (attributeOf(element, name) === value) return;
  try {
    (INSTEAD[name] ?? plain)(element, value, name);
    ALSO[name]?.(element, value, name);
  } catch (error) {
    // Trusted Types refuse event handler attributes, for one. A resync would meet the same again.
    complain('attribute', name, element, error);
  }
}

/** @type {Writer} */
function plain(element, value, name) {
  if (value === null) element.removeAttribute(name);
  else if (element instanceof HTMLElement && /^[a-z_][\w.-]*$/i.test(name))
    element.setAttribute(name, value);
  else element.setAttributeNode(parsedAttribute(element, name, value));
}

/** @param {HTMLDialogElement} dialog */
function show(dialog) {
  if (attributeOf(dialog, 'lf-modal') === null) dialog.show();
  else dialog.showModal();
}

const UNFINISHED = '[style], [lf-indeterminate], dialog[open][lf-modal]';

/** Does for parsed elements what attributes alone do not. @param {Element} root */
export function finish(root) {
  for (const element of [root, ...root.querySelectorAll(UNFINISHED)]) {
    if (!element.matches(UNFINISHED)) continue;
    const { style } = /** @type {HTMLElement} */ (element);
    if (style && !style.length) style.cssText = attributeOf(element, 'style') ?? '';
    if (element instanceof HTMLInputElement)
      element.indeterminate = element.hasAttribute('lf-indeterminate');
    if (element instanceof HTMLDialogElement && !element.matches(':modal')) {
      element.removeAttribute('open');
      show(element);
    }
  }
}
