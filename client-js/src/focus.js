/** Keeps focus and selection over a patch that removes or moves the focused element. */

/**
 * @param {(from: Element, to: Element) => void} inherit called when another element takes over
 * @returns {() => void} puts the focus back if it was lost
 */
export function keepFocus(inherit) {
  const element = /** @type {any} */ (document.activeElement ?? document.body);
  const { id, selectionStart, selectionEnd, selectionDirection } = element;
  return () => {
    const heir = element.isConnected ? element : document.getElementById(id);
    if (!heir) return;
    if (heir !== element) inherit(element, heir);
    if (document.activeElement !== document.body || heir === document.body) return;
    heir.focus({ preventScroll: true });
    // Only text controls have one, and only they let it be set.
    if (selectionStart != null && heir.selectionStart != null) {
      heir.setSelectionRange(selectionStart, selectionEnd, selectionDirection);
    }
  };
}
