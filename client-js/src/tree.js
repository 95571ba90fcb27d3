/**
 * The logical tree: what the server rendered, with references to the real nodes. Whatever else is
 * in the DOM (extensions, translators, widgets) is not in it and is never counted.
 */
import { childrenOf, isElement, matches } from './dom.js';

// The kinds are the letters of the structure hash.
export const ELEMENT = '<';
export const TEXT = 't';
const COMMENT = 'c';
const COMPONENT = '@';
export const OPAQUE = '!';
export const ROOT = '/';

/**
 * @typedef {object} LogicalNode
 * @property {string} kind
 * @property {Node | null} node the real one; null for the root of a component that is its own element
 * @property {LogicalNode | null} parent
 * @property {LogicalNode[]} children
 * @property {Component} [component] of a root, and of a leaf that is a component
 * @property {LogicalNode} [like] of a copy whose children nobody has looked for: what it was made of
 *
 * @typedef {object} Component
 * @property {number} id
 * @property {LogicalNode} root
 * @property {LogicalNode} [leaf] its place in the tree of the component around it
 * @property {boolean} broken a look-up failed: operations are skipped until a resync
 */

/** A selector. */
export const ALWAYS_OPAQUE =
  'script,style,iframe,noscript,template,xmp,noembed,noframes,plaintext,object,math,annotation-xml,[lf-ignore]';

/** Stands for the document's element; the numbers before it stand for the body and the head. */
const HTML = 2 ** 32 - 1;

/** What the server rendered into the head, which others use as well. @param {Element} head */
export const managed = (head) => [...head.querySelectorAll(':scope > [lf-head]')];

/** @type {Map<number, Component>} */
export const components = new Map();

/** Where the walk of `read` is, over the nodes that it meets. */
let position = 0;
/** @type {number[]} */
let markedPositions;

/** The DOM node that holds the children of `parent`. @param {LogicalNode} parent @returns {Element} */
export const hostOf = ({ node, component }) =>
  /** @type {Element} */ (node) ?? hostOf(/** @type {LogicalNode} */ (component?.leaf?.parent));

/** Whether `parent` is the root of a component whose one element carries the `lf-c` itself. @param {LogicalNode} parent */
export const isOwnElement = (parent) => !parent.node;

/** The component that an element belongs to. @param {Element} element */
export function componentOf(element) {
  const root = element.closest('[lf-c]');
  return root && Number(root.getAttribute('lf-c'));
}

/**
 * Adopts the page as the browser parsed it.
 *
 * @param {Element} element
 * @param {string} opaque positions, separated by commas
 * @param {string} checks `id.count.hash`, separated by spaces
 */
export function hydrate(element, opaque, checks) {
  const { documentElement, head, body } = document;
  register(HTML, documentElement).root.kind = ELEMENT;
  register(HTML - 1, body).root.kind = ELEMENT;
  const { root } = register(HTML - 2, head);
  markedPositions = [];
  root.children = managed(head).map((node) => readElement(node, root));
  const page = register(0, element);
  page.root.children = read(element, page.root, Array.from(opaque.matchAll(/\d+/g), Number));
  // The count between them is for people who look for the difference.
  for (const [, id, hash] of checks.matchAll(/(\d+)\.\d+\.(\w+)/g)) {
    const component = components.get(Number(id));
    const isSound = component && fnv1a(describe(component.root.children)) === hash;
    // One that is not there at all can only come with the page.
    if (!isSound) (component ?? page).broken = true;
  }
}

/** The components that wait for a resync. */
export const brokenComponents = () =>
  [...components.values()].filter(({ broken }) => broken).map(({ id }) => id);

/**
 * Builds the logical children of `parent` from the DOM children of `holder`, and enters the
 * components among them.
 *
 * @param {Element} holder
 * @param {LogicalNode} parent
 * @param {number[]} marked positions of the elements that the server marked as opaque
 */
export function read(holder, parent, marked) {
  position = 0;
  markedPositions = marked;
  return readChildren(holder, parent);
}

/** Takes the components at and below `node` out. @param {LogicalNode} node */
export function forget({ component, children }) {
  // The id may already stand for a new component, inserted before this one was removed.
  if (component && components.get(component.id) === component) components.delete(component.id);
  // Mostly there are none, and nothing to look for in thousands of nodes.
  if (components.size > 4) (component?.root.children ?? children).forEach(forget);
}

/** The live page is not what the server thinks. @template T @param {T} found @returns {NonNullable<T>} */
export function must(found) {
  if (!found) throw Error('gone');
  return found;
}

/** The logical node of a copy. What is in it is looked for when somebody asks, which mostly nobody does. @param {LogicalNode} like @param {Node} node @param {LogicalNode | null} parent @returns {LogicalNode} */
export const twin = (like, node, parent) => ({ kind: like.kind, node, parent, children: [], like });

/** Looks for what is in a copy. @param {LogicalNode} parent */
export function expand(parent) {
  const { kind, node, like } = parent;
  if (like && kind === ELEMENT) {
    const names = like.children.map(({ node }) => node?.nodeName);
    // Nodes of others may be among them. Where one could be taken for one of ours, any guess could be wrong.
    const nodes = childrenOf(must(node)).filter(({ nodeName }) => names.includes(nodeName));
    must(nodes.length === names.length);
    parent.children = nodes.map((child, index) => {
      const original = must(like.children[index]);
      must(names[index] === child.nodeName);
      return twin(original, child, parent);
    });
    parent.like = undefined;
  }
  return parent;
}

/** @param {Element} holder @param {LogicalNode} parent */
function readChildren(holder, parent) {
  /** @type {LogicalNode[]} */
  const children = [];
  for (const node of childrenOf(holder)) {
    if (isElement(node)) children.push(readElement(node, parent));
    else if (node instanceof Comment) children.push(leafOf(COMMENT, node, parent));
    else if (node instanceof Text) {
      // A parser splits text beyond 64 KiB; for both sides it is one node.
      const before = node.previousSibling;
      const isSplit = before instanceof Text && before === children.at(-1)?.node;
      if (isSplit) before.appendData(node.data);
      if (isSplit || !node.data) node.remove();
      else children.push(leafOf(TEXT, node, parent));
    }
  }
  return children;
}

/** @param {string} kind @param {Node} node @param {LogicalNode} parent @returns {LogicalNode} */
function leafOf(kind, node, parent) {
  position++;
  return { kind, node, parent, children: [] };
}

/** @param {Element} node @param {LogicalNode} parent @returns {LogicalNode} */
function readElement(node, parent) {
  const isOpaque = markedPositions.includes(position++) || matches(node, ALWAYS_OPAQUE);
  /** @param {LogicalNode} within @returns {LogicalNode} */
  const content = (within) => {
    /** @type {LogicalNode} */
    const element = { kind: isOpaque ? OPAQUE : ELEMENT, node, parent: within, children: [] };
    if (!isOpaque) element.children = readChildren(node, element);
    return element;
  };
  if (!matches(node, '[lf-c]') || isOwnElement(parent)) return content(parent);

  /** @type {LogicalNode} */
  const leaf = { kind: COMPONENT, node, parent, children: [] };
  const isWrapped = node.localName === 'lf-component';
  leaf.component = register(Number(node.getAttribute('lf-c')), isWrapped ? node : null, leaf);
  const { root } = leaf.component;
  root.children = isWrapped ? readChildren(node, root) : [content(root)];
  return leaf;
}

/** @param {number} id @param {Element | null} node @param {LogicalNode} [leaf] @returns {Component} */
function register(id, node, leaf) {
  /** @type {LogicalNode} */
  const root = { kind: ROOT, node, parent: null, children: [] };
  const component = { id, root, leaf, broken: false };
  root.component = component;
  components.set(id, component);
  return component;
}

/** The structure in letters, as the server hashes it. @param {LogicalNode[]} nodes @returns {string} */
export function describe(nodes) {
  return nodes
    .map(({ kind, node, children }) => {
      if (kind !== ELEMENT && kind !== OPAQUE) return kind;
      const name = /** @type {Element} */ (node).localName.toLowerCase();
      return kind + name + (kind === ELEMENT ? `${describe(children)}/` : '');
    })
    .join('');
}

/** @param {string} text */
export function fnv1a(text) {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}
