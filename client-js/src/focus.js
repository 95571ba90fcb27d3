/** Keeps focus and selection over a patch that moves or disables the focused element; heir.js knows what to do when it is gone. */

/** What had the focus until a patch disabled it. @type {Element | null} */
let disabled = null;

/** @typedef {any[][]} Spots the places around an element, from the inside out: it, and what was before and after it */
/** @typedef {[start: any, end: any, direction: any]} Selection */

/**
 * @param {(spots: Spots, selection: Selection) => void} onLost
 * @returns {() => void} puts the focus back if it was lost
 */
export function keepFocus(onLost) {
  const { activeElement, body } = document;
  const element = /** @type {any} */ ((activeElement === body && disabled) || activeElement);
  const { selectionStart, selectionEnd, selectionDirection } = element ?? {};
  // With what is beside it and around it: one of them takes over from an element that goes.
  /** @type {Spots} */
  const spots = [];
  // Bounded: a control called `parentElement` in a form would lead back into it.
  for (let at = element; at && at !== body && spots.length < 99; at = at.parentElement)
    spots.push([at, at.previousElementSibling, at.nextElementSibling]);

  return () => {
    const isThere = element?.isConnected;
    disabled = isThere && element.matches(':disabled') ? element : null;
    // Focusing lays the page out, so nothing is focused that was not before.
    if (document.activeElement !== body || element === body) return;
    /** @type {Selection} */
    const selection = [selectionStart, selectionEnd, selectionDirection];
    if (isThere) focusQuietly(element, selection);
    else onLost(spots, selection);
  };
}

/** @param {any} element @param {Selection} selection */
export function focusQuietly(element, selection) {
  element.focus({ preventScroll: true });
  // Only text controls have one, and only they let it be set.
  if (selection[0] != null && element.selectionStart != null)
    element.setSelectionRange(...selection);
}
