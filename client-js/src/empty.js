/**
 * Forms with `lf-reset` empty themselves when they are sent, so that one can write on at once. What the
 * server refuses, or what never reached it, is put back into the controls that are still untouched.
 */
import { elementsOf, isForm, matches, reset } from './dom.js';
import { enter, stateOf } from './heir.js';

/** What each event took out of a form. @type {Map<number, [control: Element, state: any][]>} */
const taken = new Map();

/** The core's own: it has to know of every edit. @type {import('./notice.js').Core} */
let core;

/** @param {import('./notice.js').Core} theCore */
export function startEmptying(theCore) {
  core = theCore;
}

/** @param {{ type: string, target: Element }} act @param {number} event its number */
export function empty({ type, target }, event) {
  if (type !== 'submit' || !isForm(target) || !target.hasAttribute('lf-reset')) return;
  const controls = elementsOf(target);
  // This module came late, and the person has gone on already.
  if (controls.some((control) => core.isEditedAfter(control, event))) return;
  taken.set(
    event,
    controls.map((control) => [control, stateOf(control)]),
  );
  const isInside = target.contains(document.activeElement);
  reset(target);
  const first = controls.find((control) =>
    matches(control, ':is(input, select, textarea):enabled:not([type="hidden"])'),
  );
  if (isInside) /** @type {HTMLElement | undefined} */ (first)?.focus();
}

/** The server has taken an event. @param {number} event */
export const keepEmpty = (event) => taken.delete(event);

/** The server has not, and will not. @param {number} event */
export function putBack(event) {
  const controls = taken.get(event) ?? [];
  taken.delete(event);
  for (const [control, state] of controls) {
    if (!core.isEditedAfter(control, event)) enter(control, state);
  }
}

/** The session has ended, and whatever was on its way with it. */
export function putBackAll() {
  for (const event of taken.keys()) putBack(event);
}
