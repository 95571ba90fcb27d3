/**
 * What the client itself shows over what the server says: marks, and what an event is expected to
 * change. Patches and resyncs change what lies beneath, and a layer that is lifted shows that again.
 */

/**
 * @typedef {(value: string | null) => string | null} Change makes what is shown out of what lies beneath
 * @typedef {{ value: string | null, layers: Map<unknown, Change> }} Covered
 */

/** @type {WeakMap<Node, Map<string, Covered>>} per attribute, and `` for the data of a text */
const covers = new WeakMap();

/** Nodes of the client's own: no operation means them, and a resync leaves them. @type {WeakSet<Node>} */
export const ownNodes = new WeakSet();

/** @param {Node} node @param {string} name @param {unknown} key who covers it @param {Change} change */
export function cover(node, name, key, change) {
  const own = covers.get(node) ?? new Map();
  const covered = own.get(name) ?? { value: access(node, name), layers: new Map() };
  covers.set(node, own.set(name, covered));
  covered.layers.set(key, change);
  show(node, name, covered);
}

/** @param {Node} node @param {string} name @param {unknown} key */
export function lift(node, name, key) {
  const own = covers.get(node);
  const covered = own?.get(name);
  if (!covered?.layers.delete(key)) return;
  if (!covered.layers.size) own?.delete(name);
  show(node, name, covered);
}

/** Changes what lies beneath. @param {Node} node @param {string} name @param {Change} change @returns whether anything covers it */
export function beneath(node, name, change) {
  const covered = covers.get(node)?.get(name);
  if (!covered) return false;
  covered.value = change(covered.value);
  show(node, name, covered);
  return true;
}

/** @param {Node} node @param {string} name @param {Covered} covered */
function show(node, name, { value, layers }) {
  for (const change of layers.values()) value = change(value);
  if (value !== access(node, name)) access(node, name, value);
}

/** Reads an attribute or a text's data; with a value, writes it. @param {any} node @param {string} name @param {string | null} [value] */
function access(node, name, value) {
  if (value === undefined) return name ? node.getAttribute(name) : node.data;
  if (!name) node.data = value;
  else if (value === null) node.removeAttribute(name);
  else node.setAttribute(name, value);
}
