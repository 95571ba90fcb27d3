/**
 * Safe access to the DOM. A form exposes its controls as properties of itself, so a control named
 * `parentNode` or `style` hides the real one; the getters here are taken from the prototypes.
 */

/**
 * @template {object} T
 * @template {keyof T} K
 * @param {{ prototype: T }} type
 * @param {K} name
 * @returns {(node: T) => T[K]}
 */
function getter(type, name) {
  const get = Object.getOwnPropertyDescriptor(type.prototype, name)?.get;
  return (node) => get?.call(node);
}

export const parentOf = getter(Node, 'parentNode');
export const firstChildOf = getter(Node, 'firstChild');
export const nextSiblingOf = getter(Node, 'nextSibling');
export const childNodesOf = getter(Node, 'childNodes');
export const attributesOf = getter(Element, 'attributes');
export const localNameOf = getter(Element, 'localName');
export const elementsOf = getter(HTMLFormElement, 'elements');

/** @param {Element} element @param {string} name @returns {string | null} */
export const attributeOf = (element, name) => Element.prototype.getAttribute.call(element, name);

/** @param {Element} element @param {string} selector @returns {Element | null} */
export const closest = (element, selector) => Element.prototype.closest.call(element, selector);

/** @param {Node | null} node @returns {node is Element} */
export const isElement = (node) => node instanceof Element;

/**
 * Puts a node that is in the document elsewhere in it. `moveBefore` keeps frames, focus, scroll and
 * custom elements connected; where it does not exist the scroll at least is carried over here, and
 * the focus by focus.js.
 *
 * @param {Node} parent
 * @param {Node} node
 * @param {Node | null} before
 */
export function move(parent, node, before) {
  if ('moveBefore' in parent) {
    try {
      /** @type {{ moveBefore(node: Node, before: Node | null): void }} */ (parent).moveBefore(
        node,
        before,
      );
      return;
    } catch {
      // Refused where either end is not connected: there is nothing to keep then.
    }
  }
  const scrolled = isElement(node)
    ? [node, ...node.querySelectorAll('*')].filter(
        (element) => element.scrollTop || element.scrollLeft,
      )
    : [];
  const places = scrolled.map((element) => [element.scrollLeft, element.scrollTop]);
  parent.insertBefore(node, before);
  scrolled.forEach((element, index) => {
    [element.scrollLeft = 0, element.scrollTop = 0] = places[index] ?? [];
  });
}
