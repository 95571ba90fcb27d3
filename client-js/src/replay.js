/** What was entered before anyone listened. */
import { isForm } from './dom.js';

/**
 * Tells the server of it, once per form.
 *
 * @param {import('./notice.js').Core} core
 * @param {Element[]} controls
 */
export function replay({ find, handle, edited }, controls) {
  // Again: this module came late, and other events may have been sent before.
  controls.forEach(edited);
  for (const type of ['input', 'change']) {
    const told = new Set();
    for (const control of controls) {
      const element = find(type, control);
      const subject = isForm(element) ? element : control;
      if (element && !told.has(subject)) handle(new Event(type), element, control);
      told.add(subject);
    }
  }
}
