/**
 * A resync: makes the live children of a node equal to freshly parsed ones, with as many of the live
 * nodes as match, and points the new logical tree at the nodes that stayed.
 */
import { childrenOf, isElement, isTextArea, move } from './dom.js';
import { hasShadow } from './html.js';
import { beneath, ownNodes } from './mark.js';
import { rewrite } from './text.js';
import { ALWAYS_OPAQUE, OPAQUE } from './tree.js';
import { setAttribute, touch } from './value.js';

/** @typedef {import('./tree.js').LogicalNode} LogicalNode */

/** Nodes may stand for each other when these are the same. @param {Node} node */
const identity = (node) =>
  isElement(node)
    ? 'name id type multiple size lf-modal lf-ignore lf-key lf-c'
        .split(' ')
        .map((name) => `${node.getAttribute(name)}`) + node.nodeName
    : node.nodeName;

/**
 * @param {Element} host
 * @param {LogicalNode[]} children with the parsed nodes, whose places the live ones take where they match
 * @returns {Element[]} the elements that are new in the page
 */
export function morphChildren(host, children) {
  const text = isTextArea(host) && host.defaultValue;
  if (text === false) touch(host);

  const matches = match(host, children);
  const inserted = [];
  let place = host.firstChild;
  for (const [index, child] of children.entries()) {
    const live = matches[index];
    while (place && ownNodes.has(place)) place = place.nextSibling;
    if (!live) {
      const node = /** @type {Node} */ (child.node);
      host.insertBefore(node, place);
      if (isElement(node)) inserted.push(node);
      continue;
    }
    if (live === place) place = place.nextSibling;
    else move(host, live, place);
    inserted.push(...morphNode(live, child));
  }

  if (isTextArea(host) && host.defaultValue !== text) touch(host);
  return inserted;
}

/**
 * Finds the live node for each child, in document order among equals, and removes the others.
 *
 * @param {Element} host
 * @param {LogicalNode[]} children
 */
function match(host, children) {
  const spare = new Set(childrenOf(host).filter((node) => !ownNodes.has(node)));
  /** @type {Map<string, ChildNode[]>} */
  const candidates = new Map();
  for (const node of spare) {
    const same = candidates.get(identity(node)) ?? [];
    candidates.set(identity(node), same);
    same.push(node);
  }
  const matches = children.map((child) => {
    const live = candidates.get(identity(/** @type {Node} */ (child.node)))?.shift();
    if (!live || !fits(live, child)) return null;
    spare.delete(live);
    return live;
  });
  for (const node of spare) host.removeChild(node);
  return matches;
}

/**
 * Whether a live node can become `child`. What is always opaque is not looked into, so it has to be equal.
 *
 * @param {any} live
 * @param {LogicalNode} child
 */
export function fits(live, child) {
  const { kind, node } = contentOf(child);
  return (
    identity(live) === identity(node) &&
    (kind !== OPAQUE ||
      (node.matches?.(ALWAYS_OPAQUE)
        ? node.hasAttribute('lf-ignore') ||
          // As text, since `isEqualNode` does not look into templates.
          live.outerHTML === node.outerHTML
        : !hasShadow))
  );
}

/** Looks through a component to what it consists of. @param {LogicalNode} child @returns {any} a logical node with a real one */
function contentOf(child) {
  const root = child.component?.root;
  return root ? (root.node ? root : root.children[0]) : child;
}

/**
 * @param {Node} live
 * @param {LogicalNode} child
 * @returns {Element[]} the elements that are new in the page
 */
export function morphNode(live, child) {
  const content = contentOf(child);
  const fresh = content.node;
  child.node = live;
  content.node = live;
  if (!isElement(live)) {
    const isCovered = beneath(live, '', () => fresh.data);
    if (!isCovered) rewrite(/** @type {CharacterData} */ (live), fresh.data);
    return [];
  }
  morphAttributes(live, fresh);
  if (content.kind !== OPAQUE) return morphChildren(live, content.children);
  return live.matches(ALWAYS_OPAQUE) ? [] : morphChildren(live, childrenOf(fresh).map(asMarked));
}

/** What is in a marked element is made equal as it is, and no operation reaches it. @param {Node} node @returns {LogicalNode} */
const asMarked = (node) => ({ kind: OPAQUE, node, parent: null, children: [] });

/** @param {Element} live @param {Element} fresh */
function morphAttributes(live, fresh) {
  for (const name of [...live.getAttributeNames(), ...fresh.getAttributeNames()]) {
    const value = fresh.getAttribute(name);
    if (name === 'lf-c' || (name === 'open' && live.localName === 'details')) continue;
    // The attribute is what the server last said: equal ones leave what the person made of it.
    if (!beneath(live, name, () => value) && value !== live.getAttribute(name))
      setAttribute(live, name, value);
  }
}
