/** Marks on the elements whose events are on their way, so that a style can show it. */
import { mark, unmark } from './mark.js';

/** Before this a reply is as good as at once, and a hint would only flicker. */
const BUSY_AFTER_MS = 150;

/** @type {Element[]} once for each event in flight */
const elements = [];

/** @type {ReturnType<typeof setTimeout>} */
let timer;

/** @param {Element} element */
export function addPending(element) {
  if (!elements.length)
    timer = setTimeout(mark, BUSY_AFTER_MS, document.documentElement, 'data-lf-busy');
  elements.push(element);
  mark(element, 'lf-pending');
  if (element.matches('form, button')) mark(element, 'aria-busy', 'true');
}

/** @param {Element} element */
export function removePending(element) {
  elements.splice(elements.indexOf(element), 1);
  if (!elements.includes(element)) {
    unmark(element, 'lf-pending');
    unmark(element, 'aria-busy');
  }
  if (elements.length) return;
  clearTimeout(timer);
  unmark(document.documentElement, 'data-lf-busy');
}
