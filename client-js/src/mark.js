/** What the client itself puts into the page: no operation means it, and a resync leaves it. */

/** @type {WeakMap<Element, Map<string, string | null>>} the value that stood there before, per attribute */
const marks = new WeakMap();

/** @type {WeakSet<Node>} */
export const ownNodes = new WeakSet();

/** @param {Element} element @param {string} name @param {string} [value] */
export function mark(element, name, value = '') {
  const own = marks.get(element) ?? new Map();
  if (!own.has(name)) marks.set(element, own.set(name, element.getAttribute(name)));
  element.setAttribute(name, value);
}

/** @param {Element} element @param {string} name */
export function unmark(element, name) {
  const own = marks.get(element);
  const before = own?.get(name);
  if (!own?.delete(name)) return;
  if (before == null) element.removeAttribute(name);
  else element.setAttribute(name, before);
}

/** @param {Element} element @param {string} name */
export const isMarked = (element, name) => marks.get(element)?.has(name);
