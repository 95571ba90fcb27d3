/** Short messages to the person, outside of the page's own tree. */

import { create } from './dom.js';

const DISMISS_AFTER_MS = 8000;

/** @param {string} message @param {boolean} isError stays until it is dismissed */
export function toast(message, isError) {
  const element = create('div', { className: 'lf-toast' });
  const remove = () => element.remove();
  const dismiss = button('×', remove);
  dismiss.ariaLabel = 'Dismiss';
  element.append(message, dismiss);
  const toasts = region('lf-toasts');
  // The same again is said again, and shown once.
  for (const other of [...toasts.childNodes]) {
    if (other.textContent === element.textContent) other.remove();
  }
  toasts.append(element);
  if (isError) element.dataset.code = 'error';
  else setTimeout(remove, DISMISS_AFTER_MS);
}

/** A live region at the end of the body, made when first needed. @param {string} id */
export function region(id) {
  const found = document.getElementById(id);
  if (found) return found;
  const element = create('div', { id, role: 'status', ariaLive: 'polite' });
  document.body.append(element);
  return element;
}

/** @param {string} textContent @param {() => void} onclick */
export const button = (textContent, onclick) =>
  create('button', { type: 'button', textContent, onclick });
