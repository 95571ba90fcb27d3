/** Short messages to the person, outside of the page's own tree. */
const DISMISS_AFTER_MS = 8000;

/** @param {string} message @param {boolean} stays until it is dismissed */
export function toast(message, stays) {
  const element = document.createElement('div');
  element.className = 'lf-toast';
  const dismiss = button('×', () => element.remove());
  dismiss.setAttribute('aria-label', 'Dismiss');
  element.append(message, ' ', dismiss);
  region('lf-toasts').append(element);
  if (!stays) setTimeout(() => element.remove(), DISMISS_AFTER_MS);
}

/** A live region at the end of the body, made when first needed. @param {string} id */
export function region(id) {
  const found = document.getElementById(id);
  if (found) return found;
  const element = document.createElement('div');
  element.id = id;
  element.setAttribute('role', 'status');
  element.setAttribute('aria-live', 'polite');
  document.body.append(element);
  return element;
}

/** @param {string} text @param {() => void} onclick */
export function button(text, onclick) {
  return Object.assign(document.createElement('button'), {
    type: 'button',
    textContent: text,
    onclick,
  });
}
