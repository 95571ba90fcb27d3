/** Keeps focus and selection over a patch that moves or disables the focused element; heir.js knows what to do when it is gone. */

/** What had the focus until a patch disabled it. @type {Element | null} */
let disabled = null;

/** @typedef {[start: any, end: any, direction: any]} Selection */

/**
 * @param {(element: any, selection: Selection) => void} onLost
 * @returns {() => void} puts the focus back if it was lost
 */
export function keepFocus(onLost) {
  const { activeElement, body } = document;
  const element = /** @type {any} */ ((activeElement === body && disabled) || activeElement);
  const { selectionStart, selectionEnd, selectionDirection } = element ?? {};

  return () => {
    const isThere = element?.isConnected;
    disabled = isThere && element.matches(':disabled') ? element : null;
    // Focusing lays the page out, so nothing is focused that was not before.
    if (document.activeElement !== body || element === body) return;
    /** @type {Selection} */
    const selection = [selectionStart, selectionEnd, selectionDirection];
    if (isThere) focusQuietly(element, selection);
    else onLost(element, selection);
  };
}

/** @param {any} element @param {Selection} selection */
export function focusQuietly(element, selection) {
  element.focus({ preventScroll: true });
  // Only text controls have one, and only they let it be set.
  if (selection[0] != null && element.selectionStart != null)
    element.setSelectionRange(...selection);
}
