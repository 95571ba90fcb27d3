/** Applies the operations of a patch: a cursor walks the logical trees and changes the real nodes. */
import { finish } from './attribute.js';
import { complain } from './diagnostic.js';
import { attributeOf, isElement, move } from './dom.js';
import { keepFocus } from './focus.js';
import { parse } from './html.js';
import { fits, morphChildren, morphNode } from './morph.js';
import { rewrite } from './text.js';
import { COMMENT, ELEMENT, hostOf, isInPlace, isOwnElement, OPAQUE, ROOT, TEXT } from './tree.js';

/**
 * @typedef {import('./protocol.js').Operation} Operation
 * @typedef {import('./tree.js').Component} Component
 * @typedef {import('./tree.js').LogicalNode} LogicalNode
 */

/** The live page is not what the server thinks: ends the work on one component. */
class LookupError extends Error {
  name = 'LookupError';
}

/** @template T @param {T} found @param {string} wanted @returns {NonNullable<T>} */
function must(found, wanted) {
  if (!found) throw new LookupError(wanted);
  return found;
}

export class Patch {
  #tree;
  #values;
  #on;
  /** The component that the cursor is in. */
  #id = 0;
  /** @type {LogicalNode | null} null while operations are skipped */
  #cursor = null;
  /** @type {Set<number>} */
  #failed = new Set();
  /** @type {Element[]} */
  #inserted = [];

  /**
   * @param {import('./tree.js').Tree} tree
   * @param {import('./value.js').Values} values
   * @param {{ refused(operation: import('./protocol.js').Refused): void, inserted(elements: Element[]): void }} on
   */
  constructor(tree, values, on) {
    this.#tree = tree;
    this.#values = values;
    this.#on = on;
  }

  /**
   * @param {Operation[]} operations
   * @param {number} ack the last event that they take into account
   * @returns {number[]} the components that failed
   */
  apply(operations, ack) {
    const restoreFocus = keepFocus((from, to) => this.#values.inherit(from, to));
    this.#failed = new Set();
    this.#inserted = [];
    this.#cursor = null;
    for (const operation of operations) {
      try {
        this.#apply(operation);
      } catch (error) {
        this.#fail(this.#id, error);
      }
    }
    for (const element of this.#inserted) this.#values.inserted(element);
    this.#values.settle(ack);
    restoreFocus();
    this.#finish();
    return [...this.#failed];
  }

  /** @param {Operation} operation */
  #apply(operation) {
    switch (operation.op) {
      case 'component':
        return this.#enter(operation.id);
      case 'resync':
        return this.#resync(operation.html, operation.opaque);
      case 'title':
        document.title = operation.text;
        return;
      case 'refused':
        return this.#on.refused(operation);
      case 'navigate':
        return navigate(operation.path);
    }
    if (this.#cursor) this.#walk(operation, this.#cursor);
    else if (!this.#failed.has(this.#id)) must(this.#tree.components.has(this.#id), 'component');
  }

  /** @param {number} id */
  #enter(id) {
    const component = this.#tree.components.get(id);
    this.#id = id;
    this.#cursor = component && !component.broken ? component.root : null;
  }

  /** @param {number} id @param {unknown} error */
  #fail(id, error) {
    complain('lookup', id, error);
    const component = this.#tree.components.get(id);
    if (component) component.broken = true;
    this.#failed.add(id);
    this.#cursor = null;
  }

  /** @param {Operation} operation @param {LogicalNode} cursor */
  #walk(operation, cursor) {
    switch (operation.op) {
      case 'up':
        this.#cursor = must(cursor.parent, 'parent');
        return;
      case 'child':
        this.#cursor = childOf(cursor, operation.index);
        return;
      case 'text':
        return this.#write(cursor, (node) => rewrite(node, operation.text));
      case 'append':
        return this.#write(cursor, (node) => node.appendData(operation.text));
      case 'set':
        return this.#values.set(elementOf(cursor), operation.name, operation.value);
      case 'unset':
        return this.#values.set(elementOf(cursor), operation.name, null);
      case 'insert':
        return this.#splice(cursor, operation.index, 0, operation);
      case 'remove':
        return this.#splice(cursor, operation.index, operation.count);
      case 'replace':
        return this.#splice(cursor, operation.index, 1, operation);
      case 'move':
        return this.#move(cursor, operation.from, operation.to);
    }
  }

  /** @param {LogicalNode} cursor @param {(node: CharacterData) => void} change */
  #write(cursor, change) {
    must(cursor.kind === TEXT || cursor.kind === COMMENT, 'text');
    const host = hostOf(/** @type {LogicalNode} */ (cursor.parent));
    // Someone is writing there, and a change would throw the caret out.
    if (isEditing(host)) return;
    change(/** @type {CharacterData} */ (cursor.node));
    if (host instanceof HTMLTextAreaElement) this.#values.touch(host);
  }

  /**
   * Takes `count` children out at `index` and puts parsed ones there.
   *
   * @param {LogicalNode} parent
   * @param {number} index
   * @param {number} count
   * @param {{ html: string, opaque: number[] }} [content]
   */
  #splice(parent, index, count, content) {
    const host = parentHost(parent);
    must(!isOwnElement(parent) || (content && count), 'one element');
    must(index + count <= parent.children.length, 'child');
    const taken = parent.children.slice(index, index + count).map(inPlace);
    const next = parent.children[index];
    const before = next ? inPlace(next).node : null;

    this.#values.touch(host);
    const fresh = content ? this.#read(parse(content.html, host), parent, content.opaque) : [];
    for (const { node } of fresh) {
      host.insertBefore(/** @type {Node} */ (node), before);
      if (isElement(node)) this.#inserted.push(node);
    }
    for (const child of taken) {
      host.removeChild(/** @type {Node} */ (child.node));
      this.#tree.forget(child);
    }
    parent.children.splice(index, count, ...fresh);
  }

  /**
   * @param {Element} holder
   * @param {LogicalNode} parent
   * @param {number[]} opaque
   */
  #read(holder, parent, opaque) {
    const fresh = this.#tree.read(holder, parent, opaque);
    if (isOwnElement(parent)) {
      const { id, leaf } = /** @type {Component} */ (parent.component);
      const element = elementOf(must(fresh.length === 1 ? fresh[0] : null, 'one element'));
      element.setAttribute('lf-c', String(id));
      /** @type {LogicalNode} */ (leaf).node = element;
    }
    return fresh;
  }

  /** @param {LogicalNode} parent @param {number} from @param {number} to */
  #move(parent, from, to) {
    const host = parentHost(parent);
    const { children } = parent;
    const child = childOf(parent, from);
    must(to < children.length, 'child');
    // Counted with the child still in: one further when it comes from before.
    const next = children[to < from ? to : to + 1];
    const before = next ? inPlace(next).node : null;

    this.#values.touch(host);
    move(host, /** @type {Node} */ (child.node), before);
    children.splice(to, 0, ...children.splice(from, 1));
  }

  /** @param {string} html @param {number[]} opaque */
  #resync(html, opaque) {
    const component = this.#tree.components.get(this.#id);
    this.#cursor = null;
    try {
      this.#morph(must(component, 'component'), html, opaque);
    } catch (error) {
      complain('resync', this.#id, error);
      // The page around it can still put it right; asking for the same again could go on for ever.
      if (this.#id) this.#failed.add(0);
    }
  }

  /** @param {Component} component @param {string} html @param {number[]} opaque */
  #morph({ id, root, leaf }, html, opaque) {
    if (leaf) inPlace(leaf);
    const holder = parse(html, hostOf(root));
    const element = holder.firstElementChild;
    for (const child of root.children) this.#tree.forget(child);

    if (root.node && !(element && attributeOf(element, 'lf-c') === String(id))) {
      const component = /** @type {Component} */ (root.component);
      root.children = this.#tree.read(holder, root, opaque);
      this.#inserted.push(...morphChildren(hostOf(root), root.children, this.#values));
      component.broken = false;
      return;
    }
    // The html is the element that carries `lf-c`, so its place in the parent is read again.
    const place = must(leaf, 'leaf');
    const parent = must(place.parent, 'parent');
    must(element, 'one element').setAttribute('lf-c', String(id));
    const fresh = must(this.#tree.read(holder, parent, opaque)[0], 'one element');
    parent.children[parent.children.indexOf(place)] = fresh;
    const live = /** @type {Element} */ (place.node);
    if (fits(live, fresh)) {
      this.#inserted.push(...morphNode(live, fresh, this.#values));
    } else {
      const node = /** @type {Element} */ (fresh.node);
      live.replaceWith(node);
      this.#inserted.push(node);
    }
  }

  /** What can only be done once everything is in its place. */
  #finish() {
    const inserted = this.#inserted.filter((element) => element.isConnected);
    for (const element of inserted) finish(element);
    const focus = inserted
      .map((element) =>
        element.matches('[autofocus]') ? element : element.querySelector('[autofocus]'),
      )
      .find(Boolean);
    if (focus instanceof HTMLElement) focus.focus();
    this.#on.inserted(inserted);
  }
}

/** @param {LogicalNode} child */
function inPlace(child) {
  must(isInPlace(child), 'place');
  return child;
}

/** @param {LogicalNode} parent @param {number} index */
const childOf = (parent, index) => inPlace(must(parent.children[index], 'child'));

/** @param {LogicalNode} parent */
function parentHost(parent) {
  must(parent.kind === ELEMENT || parent.kind === ROOT, 'element');
  return hostOf(parent);
}

/** @param {LogicalNode} node */
function elementOf(node) {
  must(node.kind === ELEMENT || node.kind === OPAQUE, 'element');
  return /** @type {Element} */ (node.node);
}

/** @param {Element} host */
function isEditing(host) {
  const editor = document.activeElement?.closest(
    '[contenteditable]:not([contenteditable="false" i])',
  );
  return !!editor?.contains(host);
}

/** @param {string} path */
function navigate(path) {
  const url = new URL(path, location.href);
  if (url.origin === location.origin) location.assign(url);
  else complain('page', 'navigate', path);
}
