/** Keeps focus and selection over a patch that moves, replaces, disables or removes the focused element. */
import { heirOf } from './value.js';

const FOCUSABLE =
  'a[href], button, input, select, textarea, summary, [tabindex], [contenteditable]';

/** What had the focus until a patch disabled it. @type {Element | null} */
let disabled = null;

/** @returns {(arrived: Element[]) => void} puts the focus back if it was lost */
export function keepFocus() {
  const { activeElement, body } = document;
  const element = /** @type {any} */ ((activeElement === body && disabled) || activeElement);
  const { id, selectionStart, selectionEnd, selectionDirection } = element ?? {};
  // With what is beside it and around it: one of them takes over from an element that goes.
  /** @type {any[][]} */
  const spots = [];
  // Bounded: a control called `parentElement` in a form would lead back into it.
  for (let at = element; at && at !== body && spots.length < 99; at = at.parentElement)
    spots.push([at, at.previousElementSibling, at.nextElementSibling]);
  const isLost = () => document.activeElement === body;

  return (arrived) => {
    const heir = element?.isConnected
      ? element
      : (heirOf(element, arrived) ?? document.getElementById(id));
    disabled = heir?.matches(':disabled') ? heir : null;
    if (!isLost()) return;
    if (heir) {
      heir.focus({ preventScroll: true });
      // Only text controls have one, and only they let it be set.
      if (selectionStart != null && heir.selectionStart != null)
        heir.setSelectionRange(selectionStart, selectionEnd, selectionDirection);
      return;
    }
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
  };
}
