/** Parsing, in the right context and under Trusted Types. Scripts parsed here never run. */

/**
 * @typedef {{ createHTML(html: string): string }} Policy
 * @typedef {{ createPolicy(name: string, rules: Policy): Policy }} PolicyFactory
 */

/** @type {Policy} */
const plain = { createHTML: (html) => html };

/** @type {PolicyFactory | undefined} */
const factory = /** @type {any} */ (globalThis).trustedTypes;

/** All markup comes from the server that also wrote the page, so the policy passes it on. */
export const trusted = factory?.createPolicy('livefloe', plain) ?? plain;

/** Whether the last html that was parsed so has shadow roots, in which nothing can be compared. */
export let hasShadow = false;

/**
 * Parses html as if it stood inside `context`, so that table parts and SVG come out right.
 *
 * @param {string} html
 * @param {Element} context
 * @param {unknown} [isWild] whether a browser may read it otherwise than its tags suggest
 * @returns {Element} a detached holder of the nodes
 */
export function parse(html, context, isWild) {
  const { namespaceURI, localName } = context;
  // A custom element parses like a div, and creating one would run its constructor.
  const name = localName.includes('-') ? 'div' : localName;
  /** @type {any} */
  const holder = document.createElementNS(namespaceURI, name);
  // A select that takes one option chooses the first, and an option stays chosen wherever it goes.
  holder.multiple = true;
  const safe = trusted.createHTML(html);
  // It reads as a document's parser does: shadow roots too, and no button in a button, which the short cuts of
  // `innerHTML` leave as it is. Three times slower, and not in every browser.
  if (isWild) hasShadow = /shadowroot/i.test(html);
  if (isWild && 'setHTMLUnsafe' in holder) holder.setHTMLUnsafe(safe);
  else holder.innerHTML = safe;
  return holder;
}

/**
 * An attribute as the parser makes it. `setAttribute` on an SVG element corrects neither
 * `viewbox` nor `xlink:href`, and it refuses names that a parser accepts.
 *
 * @param {Element} element
 * @param {string} name
 * @param {string} value
 * @returns {Attr}
 */
export function parsedAttribute(element, name, value) {
  const tag = element.namespaceURI?.endsWith('/svg') ? 'svg' : 'div';
  // With its value at once: without a valid one, an SVG attribute complains.
  const escaped = value.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
  const { firstChild } = parse(`<${tag} ${name}="${escaped}">`, document.createElement('div'));
  const [attribute] = /** @type {Element} */ (firstChild).attributes;
  return /** @type {Element} */ (firstChild).removeAttributeNode(/** @type {Attr} */ (attribute));
}
