/** What the client itself puts into the page: no operation of the server's means it, and a resync leaves it. */
import { attributeOf } from './dom.js';

/** @type {WeakMap<Element, Map<string, string | null>>} the value that stood there before, per attribute */
const marks = new WeakMap();

/** @type {WeakSet<Node>} */
const nodes = new WeakSet();

/** @param {Element} element @param {string} name @param {string} [value] */
export function mark(element, name, value = '') {
  const own = marks.get(element) ?? new Map();
  if (!own.has(name)) marks.set(element, own.set(name, attributeOf(element, name)));
  element.setAttribute(name, value);
}

/** @param {Element} element @param {string} name */
export function unmark(element, name) {
  const own = marks.get(element);
  const before = own?.get(name);
  if (before === undefined) return;
  own?.delete(name);
  if (before === null) element.removeAttribute(name);
  else element.setAttribute(name, before);
}

/** @param {Element} element @param {string} name */
export const isMarked = (element, name) => marks.get(element)?.has(name) ?? false;

/** @template {Node} T @param {T} node @returns {T} */
export function own(node) {
  nodes.add(node);
  return node;
}

/** @param {Node} node */
export const isOwn = (node) => nodes.has(node);
