/**
 * A frame that loads pages as a browser does, and follows them with the client's own modules; only the socket is missing.
 *
 * `document.write` is the parser of documents: with scripting, shadow roots and all that short cuts leave out. It keeps the
 * window, so that the modules are loaded once.
 */
import { finish } from '../../../client-js/src/attribute.js';
import { applyPatch } from '../../../client-js/src/patch.js';
import { decode } from '../../../client-js/src/protocol.js';
import {
  brokenComponents,
  components,
  describe,
  expand,
  fnv1a,
  hydrate,
} from '../../../client-js/src/tree.js';
import { settleValues, startValues } from '../../../client-js/src/value.js';

const policy = window.trustedTypes.createPolicy('pairs', { createHTML: (html) => html });

/** What the client complained about. */
const complaints = [];
console.error = (...details) => complaints.push(details.join(' '));
window.onerror = (message) => complaints.push(message);

/** Looks into copied rows, of which the client knows nothing until an operation is about them. */
const unfold = (node) => expand(node).children.forEach(unfold);

/** The next event; those before it are settled. Counted over all pages, as the client does over the life of one. */
let nextEvent = 1;
const on = { refused() {}, arrived() {}, lost() {} };

window.tab = {
  root: () => document.getElementById('livefloe'),
  components,
  complaints: () => complaints.splice(0),

  /** @param {{ html: string, opaque: string, checks: string }} page @returns {number[]} the components that are not as they were sent */
  load({ html, opaque, checks }) {
    document.open();
    document.write(
      policy.createHTML(
        `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Pair</title></head><body><div id="livefloe" lf-c="0">${html}</div></body></html>`,
      ),
    );
    document.close();
    // Forgets what it held for controls of the page before.
    applyPatch([], nextEvent, on);
    components.clear();
    finish(tab.root());
    hydrate(tab.root(), opaque, checks);
    // A document that is opened again has lost its listeners.
    startValues(() => nextEvent);
    return brokenComponents();
  },

  /** Whether tags have ended the page's element early, so that a part of the page is outside of it, where no patch reaches. */
  isTorn: () => document.body.childNodes.length > 1,

  /** @param {number[]} operations as they travel @returns {number[]} the components that failed */
  apply(operations) {
    // Kind, seq and ack before them: a patch that does not know of what somebody has just done.
    const [, , , decoded] = decode(Uint8Array.from([2, 1, 0, ...operations]));
    const failed = applyPatch(decoded, nextEvent - 1, on);
    // Then the server has heard of it.
    settleValues(nextEvent++);
    return failed;
  },

  /** @param {number[]} operations */
  decode: (operations) => decode(Uint8Array.from([2, 1, 0, ...operations]))[3],

  /** The structure of each component in letters, and what the server has to have sent for it. */
  structures: () =>
    new Map(
      [...components.values()].map(({ id, root }) => {
        unfold(root);
        const letters = describe(root.children);
        return [id, { letters, hash: fnv1a(letters) }];
      }),
    ),

  /** Every logical node of a component, in document order. */
  nodes() {
    const found = [];
    const walk = (node) => {
      found.push(node);
      node.children.forEach(walk);
    };
    const all = [...components.values()].sort((one, other) => one.id - other.id);
    for (const { id, root } of all) if (id < 2 ** 32 - 3) walk(root);
    return found;
  },

  /**
   * Uses a control as a person would.
   *
   * @param {number} choice
   * @returns {Element[]} those that show something else now
   */
  use(choice) {
    const root = tab.root();
    const all = [...root.querySelectorAll('input, textarea, select, details, dialog[open]')].filter(
      (element) =>
        element instanceof HTMLElement &&
        !element.matches(':disabled, [type="hidden"], [type="file"]'),
    );
    const element = all[choice % all.length];
    if (!element) return [];
    const told = () => element.dispatchEvent(new Event('input', { bubbles: true }));
    const named = (kind) => [...root.querySelectorAll(kind)].filter((other) => other.name);
    switch (element.localName) {
      case 'details':
        element.open = !element.open;
        // Of those that share a name, one is open.
        return [element, ...named('details')];
      case 'dialog':
        element.close();
        return [element];
      case 'select': {
        const { options } = element;
        if (!options.length) return [];
        options[choice % options.length].selected = true;
        told();
        return [element, ...options];
      }
      case 'textarea':
        element.value = `typed ${choice}`;
        told();
        return [element];
    }
    if (/^(checkbox|radio)$/.test(element.type)) {
      element.checked = !element.checked;
      told();
      return [
        element,
        ...[...root.querySelectorAll('input')].filter(({ type }) => type === 'radio'),
      ];
    }
    element.value = { date: '2020-02-02' }[element.type] ?? String(choice % 10);
    told();
    return [element];
  },
};
