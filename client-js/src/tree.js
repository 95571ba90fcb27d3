/**
 * The logical tree: what the server rendered, with references to the real nodes. Whatever else is
 * in the DOM (extensions, translators, widgets) is not in it and is never counted.
 */
import {
  attributeOf,
  closest,
  firstChildOf,
  isElement,
  localNameOf,
  nextSiblingOf,
  parentOf,
} from './dom.js';

// The kinds are the letters of the structure hash.
export const ELEMENT = '<';
export const TEXT = 't';
export const COMMENT = 'c';
export const COMPONENT = '@';
export const OPAQUE = '!';
export const ROOT = '/';

/**
 * @typedef {object} LogicalNode
 * @property {string} kind
 * @property {Node | null} node the real one; null for the root of a component that is its own element
 * @property {LogicalNode | null} parent
 * @property {LogicalNode[]} children
 * @property {Component} [component] of a root, and of a leaf that is a component
 *
 * @typedef {object} Component
 * @property {number} id
 * @property {LogicalNode} root
 * @property {LogicalNode | null} leaf its place in the tree of the component around it
 * @property {boolean} broken a look-up failed: operations are skipped until a resync
 *
 * @typedef {{ position: number, opaque: Set<number> }} Walk
 */

const ALWAYS_OPAQUE = new Set(
  'script style iframe noscript template xmp noembed noframes plaintext object math annotation-xml'.split(
    ' ',
  ),
);

/** @type {LogicalNode[]} shared by all leaves */
const NO_CHILDREN = [];

/** The DOM node that holds the children of `parent`. @param {LogicalNode} parent @returns {Element} */
export function hostOf(parent) {
  if (parent.node) return /** @type {Element} */ (parent.node);
  return hostOf(/** @type {LogicalNode} */ (parent.component?.leaf?.parent));
}

/** Whether `parent` is the root of a component whose one element carries the `lf-c` itself. @param {LogicalNode | null} parent */
export const isOwnElement = (parent) => parent?.kind === ROOT && !parent.node;

/** Whether third parties left `child` where it belongs. @param {LogicalNode} child */
export const isInPlace = (child) =>
  !!child.node && !!child.parent && parentOf(child.node) === hostOf(child.parent);

/** The component that an element belongs to. @param {Element} element */
export function componentOf(element) {
  const root = closest(element, '[lf-c]');
  return root && Number(attributeOf(root, 'lf-c'));
}

export class Tree {
  /** @type {Map<number, Component>} */
  components = new Map();

  /**
   * Adopts the page as the browser parsed it.
   *
   * @param {Element} root
   * @param {number[]} opaque
   */
  hydrate(root, opaque) {
    const page = this.#register(0, root, null);
    page.root.children = this.read(root, page.root, opaque);
  }

  /**
   * @param {string} checks `id.count.hash`, separated by spaces
   * @returns {number[]} the components that differ; they are marked broken
   */
  verify(checks) {
    const failed = [];
    for (const check of checks.split(' ').filter(Boolean)) {
      const [id, count, hash] = check.split('.');
      const component = this.components.get(Number(id));
      const structure = component && describe(component.root.children);
      if (structure?.count === Number(count) && fnv1a(structure.text) === hash) continue;
      // One that is not there at all can only come with the page.
      const broken = component ?? this.components.get(0);
      if (broken) broken.broken = true;
      failed.push(Number(id));
    }
    return failed;
  }

  /** The components that wait for a resync. */
  broken() {
    return [...this.components.values()].filter(({ broken }) => broken).map(({ id }) => id);
  }

  /**
   * Builds the logical children of `parent` from the DOM children of `holder`, and enters the
   * components among them.
   *
   * @param {Element} holder
   * @param {LogicalNode} parent
   * @param {number[]} opaque positions of the elements that the server marked
   */
  read(holder, parent, opaque) {
    return this.#children(holder, parent, { position: 0, opaque: new Set(opaque) });
  }

  /** Takes the components at and below `node` out. @param {LogicalNode} node */
  forget(node) {
    const { component } = node;
    // The id may already stand for a new component, inserted before this one was removed.
    if (component && this.components.get(component.id) === component)
      this.components.delete(component.id);
    for (const child of component?.root.children ?? node.children) this.forget(child);
  }

  /** @param {Element} holder @param {LogicalNode} parent @param {Walk} walk */
  #children(holder, parent, walk) {
    /** @type {LogicalNode[]} */
    const children = [];
    for (let node = firstChildOf(holder), next; node; node = next) {
      next = nextSiblingOf(node);
      const child = isElement(node)
        ? this.#element(node, parent, walk)
        : characterData(/** @type {CharacterData} */ (node), parent, children.at(-1), walk);
      if (child) children.push(child);
    }
    return children;
  }

  /** @param {Element} node @param {LogicalNode} parent @param {Walk} walk @returns {LogicalNode} */
  #element(node, parent, walk) {
    const marked = walk.opaque.has(walk.position++);
    const id = attributeOf(node, 'lf-c');
    if (id === null || isOwnElement(parent)) return this.#content(node, parent, walk, marked);

    const leaf = { kind: COMPONENT, node, parent, children: NO_CHILDREN };
    const wrapped = localNameOf(node) === 'lf-component';
    const component = this.#register(Number(id), wrapped ? node : null, leaf);
    component.root.children = wrapped
      ? this.#children(node, component.root, walk)
      : [this.#content(node, component.root, walk, marked)];
    return Object.assign(leaf, { component });
  }

  /** @param {Element} node @param {LogicalNode} parent @param {Walk} walk @param {boolean} marked */
  #content(node, parent, walk, marked) {
    const opaque =
      marked || ALWAYS_OPAQUE.has(localNameOf(node)) || attributeOf(node, 'lf-ignore') !== null;
    /** @type {LogicalNode} */
    const element = { kind: opaque ? OPAQUE : ELEMENT, node, parent, children: NO_CHILDREN };
    if (!opaque) element.children = this.#children(node, element, walk);
    return element;
  }

  /** @param {number} id @param {Element | null} node @param {LogicalNode | null} leaf @returns {Component} */
  #register(id, node, leaf) {
    /** @type {LogicalNode} */
    const root = { kind: ROOT, node, parent: null, children: NO_CHILDREN };
    const component = { id, root, leaf, broken: false };
    root.component = component;
    this.components.set(id, component);
    return component;
  }
}

/**
 * @param {CharacterData} node
 * @param {LogicalNode} parent
 * @param {LogicalNode | undefined} previous
 * @param {Walk} walk
 * @returns {LogicalNode | undefined}
 */
function characterData(node, parent, previous, walk) {
  const kind =
    node.nodeType === Node.TEXT_NODE ? TEXT : node.nodeType === Node.COMMENT_NODE ? COMMENT : null;
  if (!kind) return;
  if (kind === TEXT) {
    // A parser splits text beyond 64 KiB; for both sides it is one node.
    const before =
      previous?.kind === TEXT && previous.node === node.previousSibling ? previous.node : null;
    if (before) /** @type {Text} */ (before).appendData(node.data);
    if (before || !node.data) {
      node.remove();
      return;
    }
  }
  walk.position++;
  return { kind, node, parent, children: NO_CHILDREN };
}

/** @param {LogicalNode[]} nodes @returns {{ count: number, text: string }} */
function describe(nodes) {
  let count = 0;
  let text = '';
  for (const { kind, node, children } of nodes) {
    count++;
    text += kind;
    if (kind !== ELEMENT && kind !== OPAQUE) continue;
    text += localNameOf(/** @type {Element} */ (node)).toLowerCase();
    if (kind === OPAQUE) continue;
    const inner = describe(children);
    count += inner.count;
    text += `${inner.text}/`;
  }
  return { count, text };
}

/** @param {string} text ASCII */
export function fnv1a(text) {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}
