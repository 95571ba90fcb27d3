/**
 * When a patch takes out what a person was at: what was typed goes to the control that came in the place of the
 * one that is gone, and the focus to that, or to what is nearest.
 */
import { isSelect, listen, matches } from './dom.js';
import { focusQuietly } from './focus.js';

const FOCUSABLE =
  'a[href], button, input, select, textarea, summary, [tabindex], [contenteditable]';

/** The core's own: it has to know of every edit. @type {import('./notice.js').Core} */
let core;

/** The places around what has the focus, from the inside out: an element, and what is before and after it. @type {any[][]} */
let spots = [];

/** @param {import('./notice.js').Core} theCore */
export function startHeirs(theCore) {
  core = theCore;
  listen(document, 'focusin livefloe:patch', look);
  look();
}

/** Remembers the places, since what goes has none any more. */
function look() {
  const { activeElement, body } = document;
  if (!activeElement || activeElement === body) return;
  spots = [];
  // Bounded: a control called `parentElement` in a form would lead back into it.
  for (
    let at = /** @type {any} */ (activeElement);
    at && at !== body && spots.length < 99;
    at = at.parentElement
  )
    spots.push([at, at.previousElementSibling, at.nextElementSibling]);
}

/** @param {Element[]} gone controls with what the server does not know @param {Element[]} arrived */
export function handOn(gone, arrived) {
  for (const control of gone) {
    const heir = heirOf(control, arrived);
    if (heir && !core.isEditedAfter(heir)) enter(heir, stateOf(control));
  }
}

/** @param {any} element what had the focus @param {import('./focus.js').Selection} selection @param {Element[]} arrived */
export function focusHeir(element, selection, arrived) {
  const isLost = () => document.activeElement === document.body;
  if (!element || !isLost()) return;
  const heir = heirOf(element, arrived) ?? document.getElementById(element.id);
  if (heir) focusQuietly(heir, selection);
  // It got the focus when nobody looked.
  if (!isLost() || spots[0]?.[0] !== element) return;
  spots
    .flatMap(([at, before, after]) =>
      at.isConnected
        ? at
        : before?.isConnected
          ? [before.nextElementSibling, before]
          : after?.isConnected
            ? [after.previousElementSibling, after]
            : [],
    )
    .flatMap((spot) => (spot ? [spot, ...spot.querySelectorAll(FOCUSABLE)] : []))
    .find((spot) => {
      spot.focus({ preventScroll: true });
      return !isLost();
    });
}

/** Elements that want the focus get it when they arrive, not only with the page. @param {Element[]} arrived */
export function focusArrived(arrived) {
  for (const element of arrived) {
    /** @type {any} */
    const focus = matches(element, '[autofocus]') ? element : element.querySelector('[autofocus]');
    focus?.focus();
    // To go on typing, and not to write in front of what is there.
    if (focus?.selectionEnd === 0) focus.selectionStart = focus.value.length;
  }
}

/** The control among `arrived` that stands for one that is gone. @param {any} gone @param {Element[]} arrived @returns {any} */
const heirOf = (gone, arrived) =>
  arrived
    .flatMap((root) => [root, ...root.querySelectorAll('input, textarea, select')])
    .find((control) => labelOf(control) === labelOf(gone));

/** @param {any} control */
const labelOf = ({ localName, type, name, id, value }) =>
  [localName, type, name, id, /^(checkbox|radio)$/.test(type) && value].join();

/** What a control shows. @param {any} control */
export const stateOf = (control) => ({
  value: control.value,
  checked: control.checked,
  choice: isSelect(control) && Array.from(control.selectedOptions, ({ value }) => value),
});

/** Makes a control show something, as if a person had entered it. @param {any} control @param {ReturnType<typeof stateOf>} state */
export function enter(control, { value, checked, choice }) {
  if (choice) for (const option of control.options) option.selected = choice.includes(option.value);
  // The value of a tick is what it stands for, and the server's.
  else if (!/^(checkbox|radio|hidden|button|submit|reset|image|file)$/.test(control.type))
    control.value = value;
  control.checked = checked;
  core.edited(control);
}
