/** Marks on the elements whose events are on their way, so that a style can show it. */
import { matches } from './dom.js';

/** Before this a reply is as good as at once, and a hint would only flicker. */
const BUSY_AFTER_MS = 150;

/** @type {Element[]} once for each event in flight */
const elements = [];

/** @type {ReturnType<typeof setTimeout>} */
let timer;

/** The core's own: it has to know of every mark. @type {import('./notice.js').Core} */
let core;

/** @param {import('./notice.js').Core} theCore */
export function startPending(theCore) {
  core = theCore;
}

/** @param {Element} element */
export function addPending(element) {
  if (!elements.length)
    timer = setTimeout(core.mark, BUSY_AFTER_MS, document.documentElement, 'data-lf-busy');
  elements.push(element);
  core.mark(element, 'lf-pending');
  if (matches(element, 'form, button')) core.mark(element, 'aria-busy', 'true');
}

/** @param {Element} element */
export function removePending(element) {
  elements.splice(elements.indexOf(element), 1);
  if (!elements.includes(element)) {
    core.unmark(element, 'lf-pending');
    core.unmark(element, 'aria-busy');
  }
  if (elements.length) return;
  clearTimeout(timer);
  core.unmark(document.documentElement, 'data-lf-busy');
}
