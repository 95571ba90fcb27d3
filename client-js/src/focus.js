/** Keeps focus and selection over a patch that moves, replaces, disables or removes the focused element. */
import { heirOf } from './value.js';

/** What had the focus until a patch disabled it. @type {Element | null} */
let disabled = null;

/** @typedef {any[][]} Spots the places around an element, from the inside out: it, and what was before and after it */

/** @param {(spots: Spots) => void} onLost @returns {(arrived: Element[]) => void} puts the focus back if it was lost */
export function keepFocus(onLost) {
  const { activeElement, body } = document;
  const element = /** @type {any} */ ((activeElement === body && disabled) || activeElement);
  const { id, selectionStart, selectionEnd, selectionDirection } = element ?? {};
  // With what is beside it and around it: one of them takes over from an element that goes.
  /** @type {Spots} */
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
    onLost(spots);
  };
}
