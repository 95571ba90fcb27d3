/**
 * What the DOM makes harder than it looks. A form exposes its controls as properties of itself, so one
 * named `reset`, `elements` or `childNodes` hides the real thing: of a form the client uses no property that
 * is likely to be the name of a field.
 */

export const CONTROLS = 'input, textarea, select';

/** @param {Element} element @param {string} selector */
export const matches = (element, selector) => Element.prototype.matches.call(element, selector);

/** The controls of a form. @param {HTMLFormElement} form @returns {Element[]} */
export const elementsOf = (form) => [...Reflect.get(HTMLFormElement.prototype, 'elements', form)];

/** @param {HTMLFormElement} form */
export const reset = (form) => HTMLFormElement.prototype.reset.call(form);

/** @param {Node} node */
export function childrenOf(node) {
  const children = [];
  for (let child = node.firstChild; child; child = child.nextSibling) children.push(child);
  return children;
}

/** @param {unknown} node @returns {node is Element} */
export const isElement = (node) => node instanceof Element;

/** @param {unknown} node @returns {node is HTMLFormElement} */
export const isForm = (node) => node instanceof HTMLFormElement;

/** @param {unknown} node @returns {node is HTMLInputElement} */
export const isInput = (node) => node instanceof HTMLInputElement;

/** @param {unknown} node @returns {node is HTMLTextAreaElement} */
export const isTextArea = (node) => node instanceof HTMLTextAreaElement;

/** @param {unknown} node @returns {node is HTMLSelectElement} */
export const isSelect = (node) => node instanceof HTMLSelectElement;

/** @template {keyof HTMLElementTagNameMap} K @param {K} name @param {object} properties */
export const create = (name, properties) => Object.assign(document.createElement(name), properties);

/** @param {Document | Window} target @param {string} types @param {(event: any) => void} listener */
export function listen(target, types, listener, isCaptured = false) {
  for (const type of types.split(' ')) target.addEventListener(type, listener, isCaptured);
}

/**
 * Puts a node that is in the document elsewhere in it. `moveBefore` keeps frames, focus, scroll and
 * custom elements connected; where it does not exist the scroll at least is carried over here, and
 * the focus by focus.js.
 *
 * @param {Element} parent
 * @param {Node} node
 * @param {Node | null} before
 */
export function move(parent, node, before) {
  if ('moveBefore' in parent && parent.isConnected && node.isConnected) {
    /** @type {{ moveBefore(node: Node, before: Node | null): void }} */ (parent).moveBefore(
      node,
      before,
    );
    return;
  }
  const elements = isElement(node) ? [node, ...node.querySelectorAll('*')] : [];
  const places = elements.map(({ scrollLeft, scrollTop }) => ({ scrollLeft, scrollTop }));
  parent.insertBefore(node, before);
  elements.forEach((element, index) => {
    Object.assign(element, places[index]);
  });
}
