/** Applies the operations of a patch: a cursor walks the logical trees and changes the real nodes. */
import { finish, SPECIAL } from './attribute.js';
import { complain } from './diagnostic.js';
import { isElement, isTextArea, move } from './dom.js';
import { keepFocus } from './focus.js';
import { parse } from './html.js';
import { beneath, cover, lift } from './mark.js';
import { fits, morphChildren, morphNode } from './morph.js';
import { repeat } from './repeat.js';
import { rewrite } from './text.js';
import {
  components,
  ELEMENT,
  expand,
  forget,
  hostOf,
  isOwnElement,
  managed,
  must,
  OPAQUE,
  ROOT,
  read,
} from './tree.js';
import { keepChosen, setAttribute, settleValues, takeGone, touch } from './value.js';

/**
 * @typedef {import('./tree.js').Component} Component
 * @typedef {import('./tree.js').LogicalNode} LogicalNode
 */

/** What the operations do, by code. @type {((...fields: any[]) => void)[]} */
const OPERATIONS = [
  /* up */ () => {
    cursor = must(cursor?.parent);
  },
  /* child */ (index) => {
    cursor = inPlace(here().children[index]);
  },
  /* text */ (text) => write((node) => rewrite(node, text)),
  /* append */ (text) => write((node) => node.appendData(text)),
  /* set */ (name, value) => setAttribute(element(), name, value),
  /* unset */ (name) => setAttribute(element(), name, null),
  /* insert */ (index, html, opaque) => splice(index, 0, html, opaque),
  /* remove */ (index, count) => splice(index, count),
  /* move */ moveChild,
  /* replace */ (index, html, opaque) => splice(index, 1, html, opaque),
  /* component */ (newId) => {
    const component = components.get(newId);
    id = newId;
    cursor = component?.broken ? null : component?.root;
  },
  /* resync */ resync,
  /* title */ (text) => {
    document.title = text;
  },
  /* refused */ (event, code, message, fields) => onRefused(event, { code, message, fields }),
  /* navigate */ (path) => {
    const url = new URL(path, location.href);
    if (url.origin === location.origin) location.assign(url);
  },
  /* splice */ (start, count, length, text) =>
    write((node) => {
      must(node.length === length);
      node.replaceData(start, count, text);
    }),
  /* repeat */ (index, html, copies, nodes, names, values) =>
    splice(index, 0, html, [], (/** @type {LogicalNode} */ row) =>
      repeat(row, copies, nodes, names, values),
    ),
];

/** Operations between these codes need no cursor. */
const COMPONENT = 10;
const NAVIGATE = 14;

/** The component that the cursor is in. */
let id = 0;
/** @type {LogicalNode | null | undefined} none while operations are skipped */
let cursor;
/** @type {Set<number>} */
let failed;
/** @type {Element[]} */
let arrived;
/** @type {(event: number, refusal: import('./session.js').Refusal) => void} */
let onRefused;

/**
 * @param {import('./protocol.js').Operation[]} operations
 * @param {number} ack the last event that they take into account
 * @param {object} on
 * @param {typeof onRefused} on.refused
 * @param {(elements: Element[], gone: Element[]) => void} on.arrived and what came in the place of controls that are gone
 * @param {(element: Element, selection: import('./focus.js').Selection, arrived: Element[]) => void} on.lost what had the focus is gone
 * @returns {number[]} the components that failed
 */
export function applyPatch(operations, ack, on) {
  const restoreFocus = keepFocus((element, selection) => on.lost(element, selection, arrived));
  failed = new Set();
  arrived = [];
  cursor = null;
  onRefused = on.refused;
  for (const [code, ...fields] of operations) {
    try {
      if ((code >= COMPONENT && code <= NAVIGATE) || isReady()) OPERATIONS[code]?.(...fields);
    } catch (error) {
      complain('lookup', id, error);
      const component = components.get(id);
      if (component) component.broken = true;
      failed.add(id);
      cursor = null;
    }
  }
  arrived = arrived.filter((element) => element.isConnected);
  const gone = takeGone();
  settleValues(ack);
  if (arrived.length) on.arrived(arrived, gone);
  restoreFocus();
  arrived.forEach(finish);
  return [...failed];
}

/** Whether there is a cursor. Without one, an unknown component fails, and a broken one is skipped. */
function isReady() {
  if (!cursor && !failed.has(id)) must(components.has(id));
  return cursor;
}

const here = () => expand(must(cursor));

function element() {
  const { kind, node } = here();
  must(kind === ELEMENT || kind === OPAQUE);
  return /** @type {Element} */ (node);
}

/** Where children of the cursor go. */
function host() {
  const { kind } = here();
  must(kind === ELEMENT || kind === ROOT);
  return hostOf(here());
}

/** A child that third parties left where it belongs. @param {LogicalNode | undefined} child */
function inPlace(child) {
  const { node, parent } = must(child);
  must(node?.parentNode === hostOf(must(parent)));
  return /** @type {LogicalNode} */ (child);
}

/** @param {(node: CharacterData) => void} change */
function write(change) {
  const { node, parent } = here();
  const text = must(node instanceof CharacterData ? node : null);
  const around = hostOf(must(parent));
  /** @type {any} */
  const editor = document.activeElement;
  if (editor?.isContentEditable && editor.contains(around)) {
    // Someone is writing there, and a change would throw the caret out: it shows afterwards.
    cover(text, '', editor, () => text.data);
    editor.addEventListener('focusout', () => lift(text, '', editor), { once: true });
  }
  if (isTextArea(around)) touch(around);
  const isCovered = beneath(text, '', (data) => {
    const shadow = new Text(data ?? '');
    change(shadow);
    return shadow.data;
  });
  if (!isCovered) change(text);
}

/**
 * Takes `count` children out at `index` and puts parsed ones there.
 *
 * @param {number} index
 * @param {number} count
 * @param {string} [html]
 * @param {number[]} [opaque]
 * @param {(row: LogicalNode) => LogicalNode[]} [repeat] makes more of the one that was parsed
 */
function splice(index, count, html = '', opaque = [], repeat) {
  const parent = here();
  const around = host();
  const { children } = parent;
  must(index + count <= children.length);
  const taken = children.slice(index, index + count).map(inPlace);
  const before = index < children.length ? inPlace(children[index]).node : null;
  const [old, ...others] = taken;

  touch(around);
  if (html.includes('radio')) keepChosen();
  const holder = parse(html, around, opaque[0] != null);
  const isSpecial = holder.querySelector(SPECIAL);
  let fresh = read(holder, parent, opaque);
  if (repeat) fresh = repeat(must(fresh[0]));
  const [only] = fresh;
  const { component } = parent;
  const own = isOwnElement(parent) ? must(component?.leaf) : null;
  if (own) {
    // Another element becomes the one that the component is; what is none fails here.
    must(!fresh[1]);
    /** @type {any} */ (only).node.setAttribute('lf-c', component?.id);
  }
  if (old?.kind === OPAQUE && only && count === fresh.length && fits(old.node, only)) {
    // What is the same in it keeps its state, as do the components in it, which are out of reach.
    arrived.push(...morphNode(/** @type {Node} */ (old.node), only));
  } else {
    const fragment = new DocumentFragment();
    for (const { node } of fresh) {
      fragment.append(/** @type {Node} */ (node));
      if (isSpecial && isElement(node)) arrived.push(node);
    }
    // All at once is several times faster, where nobody else has a node.
    if (count && count === around.childNodes.length) around.replaceChildren(fragment);
    else {
      // What is new must not meet what is old: of `details` with one name, only one is open.
      if (old) around.replaceChild(fragment, /** @type {Node} */ (before));
      else around.insertBefore(fragment, before);
      for (const { node } of others) around.removeChild(/** @type {Node} */ (node));
    }
  }
  taken.forEach(forget);
  children.splice(index, count, ...fresh);
  if (own) own.node = must(only).node;
}

/** @param {number} from @param {number} to */
function moveChild(from, to) {
  const { children } = here();
  const around = host();
  const { node } = inPlace(children[from]);
  must(to < children.length);
  // Counted with the child still in: one further when it comes from before.
  const next = children[to < from ? to : to + 1];
  const before = next ? inPlace(next).node : null;

  touch(around);
  move(around, /** @type {Node} */ (node), before);
  children.splice(to, 0, ...children.splice(from, 1));
}

/** @param {string} html @param {number[]} opaque */
function resync(html, opaque) {
  cursor = null;
  try {
    morph(must(components.get(id)), html, opaque);
  } catch (error) {
    complain('resync', id, error);
    // The page around it can still put it right; asking for the same again could go on for ever.
    if (id) failed.add(0);
    else onRefused(0, /** @type {any} */ ({ message: 'Please reload' }));
  }
}

/** @param {Component} component @param {string} html @param {number[]} opaque */
function morph(component, html, opaque) {
  const { root, leaf } = component;
  if (leaf) inPlace(leaf);
  const around = hostOf(root);
  const holder = parse(html, around, true);
  const outer = holder.firstElementChild;
  root.children.forEach(forget);

  if (around === document.head) {
    // Others have nodes between ours: all of ours come again, behind theirs.
    for (const node of managed(around)) node.remove();
    root.children = [];
    component.broken = false;
    cursor = root;
    return splice(0, 0, html, opaque);
  }
  if (root.node && outer?.getAttribute('lf-c') !== String(id)) {
    root.children = read(holder, root, opaque);
    arrived.push(...morphChildren(around, root.children));
    component.broken = false;
    return;
  }
  // The html is the element that carries `lf-c`, so its place in the parent is read again.
  const place = must(leaf);
  const parent = must(place.parent);
  must(outer).setAttribute('lf-c', String(id));
  const fresh = must(read(holder, parent, opaque)[0]);
  parent.children[parent.children.indexOf(place)] = fresh;
  const [live, node] = /** @type {Element[]} */ ([place.node, fresh.node]);
  if (fits(live, fresh)) arrived.push(...morphNode(/** @type {Element} */ (live), fresh));
  else {
    live?.replaceWith(must(node));
    arrived.push(must(node));
  }
}
