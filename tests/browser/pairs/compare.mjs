/** What a patched page shows otherwise than one that was loaded. */

const STATEFUL = 'input, textarea, select, option, details, dialog, video, audio, [popover]';

/** What the attributes do not say. @param {any} element */
const stateOf = (element) => {
  const { localName, value, checked, indeterminate, selected, selectedIndex, open, muted } =
    element;
  const isModal = element.matches(':modal');
  const isPopped = element.matches(':popover-open');
  return JSON.stringify({
    localName,
    value,
    checked,
    indeterminate,
    selected,
    selectedIndex,
    open,
    muted,
    isModal,
    isPopped,
  });
};

/** Of templates, `isEqualNode` looks at no content. @param {Element} root */
const templatesOf = (root) =>
  [...root.querySelectorAll('template')].map(({ innerHTML }) => innerHTML).join('\n');

/**
 * @param {any} live the frame's `tab`
 * @param {any} fresh another one's, which has just loaded
 * @param {{ html: string, checks: string }} page
 * @param {Set<Element>} used what a person changed
 * @returns {string} the first difference, or nothing
 */
export function difference(live, fresh, page, used) {
  const [ours, theirs] = [live.root(), fresh.root()];
  const aside = new Set([...used, ...rivals(ours)]);
  const [copy, other] = aside.size ? without(aside, ours, theirs) : [ours, theirs];
  if (!copy.isEqualNode(other)) {
    return `patched: ${copy.innerHTML}\nfresh:   ${other.innerHTML}${whereOf(copy, other)}`;
  }
  const [template, freshTemplate] = [ours, theirs].map(templatesOf);
  if (template !== freshTemplate) return `in templates: ${template}\nfresh: ${freshTemplate}`;

  const states = [...theirs.querySelectorAll(STATEFUL)].map(stateOf);
  const stateful = [...ours.querySelectorAll(STATEFUL)];
  for (const [index, element] of stateful.entries()) {
    const state = stateOf(element);
    // What is chosen of a used select is the person's, whichever options it has by now.
    if (state !== states[index] && !aside.has(element.closest('select') ?? element))
      return `of ${element.outerHTML}: ${state}\nfresh: ${states[index]}`;
  }
  return treeDifference(live, fresh, page);
}

/**
 * Those of which one alone can be chosen, ticked or open, where the page says it of several, or of none and some are disabled:
 * which of them it is depends on what was there before. No browser shows what the first kind of page says.
 *
 * @param {Element} root
 * @returns {Element[]}
 */
function rivals(root) {
  const menus = [...root.querySelectorAll('select:not([multiple])')];
  const radios = [...root.querySelectorAll('input[type="radio"]')].filter(({ name }) => name);
  const isRival = ({ name, form }) => {
    const isSame = (other) => other.defaultChecked && other.name === name && other.form === form;
    return radios.filter(isSame).length > 1;
  };
  const isAmbiguous = (menu) => {
    const { length } = menu.querySelectorAll('option[selected]');
    // The first that is not disabled is chosen, when the options come; an attribute that changes later changes nothing.
    return length > 1 || (!length && menu.querySelector(':disabled'));
  };
  return [
    ...menus.filter(isAmbiguous),
    ...radios.filter(isRival),
    // A browser takes the attribute of all but one away, and which one that is depends on when they came.
    ...root.querySelectorAll('details[name]'),
  ];
}

/** Copies in which the attributes that a person changed are the same. */
function without(aside, ours, theirs) {
  const copies = [ours, theirs].map((root) => root.cloneNode(true));
  const lists = copies.map((root) => [...root.querySelectorAll('*')]);
  for (const [index, element] of [...ours.querySelectorAll('*')].entries()) {
    if (!aside.has(element) || !element.matches('details, dialog')) continue;
    for (const list of lists) list[index]?.removeAttribute('open');
  }
  return copies;
}

/** The same nodes in the logical trees, at the same places of the page, and the structure that the server counts on. */
function treeDifference(live, fresh, { checks }) {
  const structures = live.structures();
  for (const [, id, hash] of checks.matchAll(/(\d+)\.\d+\.(\w+)/g)) {
    const structure = structures.get(Number(id));
    if (structure?.hash !== hash)
      return `component ${id} has the structure ${structure?.letters}, fresh: ${fresh.structures().get(Number(id))?.letters}`;
  }
  const [ours, theirs] = [live, fresh].map((tab) => tab.nodes());
  if (ours.length !== theirs.length) return `${ours.length} logical nodes, fresh: ${theirs.length}`;
  const [places, freshPlaces] = [live, fresh].map(placesOf);
  for (const [index, { kind, node, parent }] of ours.entries()) {
    const their = theirs[index];
    const place = node && places.get(node);
    if (kind !== their.kind || place !== (their.node && freshPlaces.get(their.node)))
      return `logical node ${index} is ${kind} at ${place}, fresh: ${their.kind} at ${freshPlaces.get(their.node)}`;
    if (parent && !parent.children.includes(ours[index]) && kind !== '/')
      return `logical node ${index} is no child of its parent`;
  }
  return '';
}

/** @param {any} tab @returns {Map<Node, number>} */
function placesOf(tab) {
  const places = new Map();
  const root = tab.root();
  const walker = root.ownerDocument.createTreeWalker(root);
  for (let node = root; node; node = walker.nextNode()) places.set(node, places.size);
  return places;
}

/** Where markup says the same but nodes do not. */
function whereOf(ours, theirs) {
  if (ours.isEqualNode(theirs)) return '';
  const [children, fresh] = [ours, theirs].map((node) => [...node.childNodes]);
  const index = children.findIndex((child, at) => !fresh[at] || !child.isEqualNode(fresh[at]));
  if (index >= 0 && fresh[index] && fresh[index].nodeName === children[index].nodeName)
    return whereOf(children[index], fresh[index]);
  const shown = (list) => list.map((node) => `${node.nodeName} ${node.data ?? ''}`).join(' | ');
  return `\nin ${ours.cloneNode().outerHTML ?? ours.nodeName}: ${shown(children)}\nfresh: ${shown(fresh)}`;
}
