/**
 * A resync: makes the live children of a node equal to freshly parsed ones, with as many of the live
 * nodes as match, and points the new logical tree at the nodes that stayed.
 */
import {
  attributeOf,
  attributesOf,
  childNodesOf,
  firstChildOf,
  isElement,
  move,
  nextSiblingOf,
} from './dom.js';
import { isMarked, isOwn } from './mark.js';
import { rewrite } from './text.js';
import { OPAQUE } from './tree.js';

/**
 * @typedef {import('./tree.js').LogicalNode} LogicalNode
 * @typedef {import('./tree.js').Component} Component
 * @typedef {import('./value.js').Values} Values
 */

/** Nodes may stand for each other when these are the same. */
const IDENTITY = ['id', 'lf-key', 'lf-c', 'name', 'type'];

/** @param {Node} node */
const identity = (node) =>
  isElement(node)
    ? JSON.stringify([node.nodeName, ...IDENTITY.map((name) => attributeOf(node, name))])
    : node.nodeType;

/**
 * @param {Element} host
 * @param {LogicalNode[]} children with the parsed nodes, whose places the live ones take where they match
 * @param {Values} values
 * @returns {Element[]} the elements that are new in the page
 */
export function morphChildren(host, children, values) {
  const text = defaultOf(host);
  if (text === undefined) values.touch(host);

  const matches = match(host, children);
  /** @type {Element[]} */
  const inserted = [];
  let place = firstChildOf(host);
  children.forEach((child, index) => {
    while (place && isOwn(place)) place = nextSiblingOf(place);
    const live = matches[index];
    if (!live) {
      const node = /** @type {Node} */ (child.node);
      host.insertBefore(node, place);
      if (isElement(node)) inserted.push(node);
      return;
    }
    if (live === place) place = nextSiblingOf(place);
    else move(host, live, place);
    inserted.push(...morphNode(live, child, values));
  });

  if (text !== defaultOf(host)) values.touch(host);
  return inserted;
}

/** @param {Element} host */
const defaultOf = (host) => (host instanceof HTMLTextAreaElement ? host.defaultValue : undefined);

/**
 * Finds the live node for each child, in document order among equals, and removes the others.
 *
 * @param {Element} host
 * @param {LogicalNode[]} children
 */
function match(host, children) {
  const live = [...childNodesOf(host)].filter((node) => !isOwn(node));
  /** @type {Map<unknown, Node[]>} */
  const candidates = new Map();
  for (const node of live) {
    const same = candidates.get(identity(node));
    if (same) same.push(node);
    else candidates.set(identity(node), [node]);
  }
  const matches = children.map((child) => {
    const node = /** @type {Node} */ (child.node);
    const candidate = candidates.get(identity(node))?.shift();
    return candidate && fits(candidate, child) ? candidate : undefined;
  });
  const kept = new Set(matches);
  for (const node of live) if (!kept.has(node)) host.removeChild(node);
  return matches;
}

/**
 * Whether a live node can become `child`. Opaque content is not looked into, so it has to be equal.
 *
 * @param {Node} live
 * @param {LogicalNode} child
 * @returns {boolean}
 */
export function fits(live, { kind, node, component }) {
  if (component && !component.root.node) return fits(live, only(component));
  if (identity(live) !== identity(/** @type {Node} */ (node))) return false;
  return (
    kind !== OPAQUE ||
    attributeOf(/** @type {Element} */ (node), 'lf-ignore') !== null ||
    live.isEqualNode(node)
  );
}

/** The one element of a component that is its own element. @param {Component} component */
const only = ({ root }) => /** @type {LogicalNode} */ (root.children[0]);

/**
 * @param {Node} live
 * @param {LogicalNode} child
 * @param {Values} values
 * @returns {Element[]}
 */
export function morphNode(live, child, values) {
  const fresh = /** @type {Node} */ (child.node);
  child.node = live;
  if (!isElement(live)) {
    rewrite(/** @type {CharacterData} */ (live), /** @type {CharacterData} */ (fresh).data);
    return [];
  }
  const { component } = child;
  if (component && !component.root.node) return morphNode(live, only(component), values);
  if (component) component.root.node = live;
  morphAttributes(live, /** @type {Element} */ (fresh), values);
  return child.kind === OPAQUE
    ? []
    : morphChildren(live, (component?.root ?? child).children, values);
}

/** @param {Element} live @param {Element} fresh @param {Values} values */
function morphAttributes(live, fresh, values) {
  const names = [...attributesOf(live), ...attributesOf(fresh)].map((attribute) => attribute.name);
  for (const name of new Set(names)) {
    const value = attributeOf(fresh, name);
    // The attribute is what the server last said: equal ones leave what the person made of it.
    if (value === attributeOf(live, name) || isMarked(live, name)) continue;
    if (name === 'lf-c' || (name === 'open' && live instanceof HTMLDetailsElement)) continue;
    values.set(live, name, value);
  }
}
