/** Keeps focus and selection over a patch that removes or moves the focused element. */

/** @typedef {HTMLInputElement | HTMLTextAreaElement} TextControl */

/**
 * @param {(from: Element, to: Element) => void} inherit called when another element takes over
 * @returns {() => void} puts the focus back if it was lost
 */
export function keepFocus(inherit) {
  const element = document.activeElement;
  if (!(element instanceof HTMLElement) || element === document.body) return () => {};
  const { selectionStart, selectionEnd, selectionDirection } = /** @type {TextControl} */ (element);
  return () => {
    const lost = !document.activeElement || document.activeElement === document.body;
    const heir = element.isConnected
      ? element
      : element.id
        ? document.getElementById(element.id)
        : null;
    if (!heir) return;
    if (heir !== element) inherit(element, heir);
    if (!lost) return;
    heir.focus({ preventScroll: true });
    // Null for controls without a text selection, which refuse to have one set.
    const control = /** @type {TextControl} */ (heir);
    if ((selectionStart ?? null) === null || (control.selectionStart ?? null) === null) return;
    control.setSelectionRange(selectionStart, selectionEnd, selectionDirection ?? undefined);
  };
}
