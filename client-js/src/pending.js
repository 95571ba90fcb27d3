/** Marks on the elements whose events are on their way, so that a style can show it. */
import { mark, unmark } from './mark.js';

/** Before this a reply is as good as at once, and a hint would only flicker. */
const BUSY_AFTER_MS = 150;

export class Pending {
  /** @type {Map<Element, number>} events in flight, per element */
  #counts = new Map();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {Element} element */
  add(element) {
    this.#counts.set(element, (this.#counts.get(element) ?? 0) + 1);
    mark(element, 'lf-pending');
    if (element.matches('form, button')) mark(element, 'aria-busy', 'true');
    this.#timer ??= setTimeout(() => mark(document.documentElement, 'data-lf-busy'), BUSY_AFTER_MS);
  }

  /** @param {Element} element */
  remove(element) {
    const count = (this.#counts.get(element) ?? 0) - 1;
    if (count > 0) {
      this.#counts.set(element, count);
      return;
    }
    this.#counts.delete(element);
    unmark(element, 'lf-pending');
    unmark(element, 'aria-busy');
    if (this.#counts.size) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    unmark(document.documentElement, 'data-lf-busy');
  }
}
