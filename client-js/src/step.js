/** What the steps of an action do on the page, besides setting bindings. */
import { evaluate } from './expression.js';

/**
 * @typedef {[name: string, change: import('./mark.js').Change]} Layer an attribute, or `` for the first text
 * @typedef {import('./act.js').Step} Step
 */

/** Steps that show something over what the server says. @type {Record<string, (...values: any[]) => Layer>} */
export const LAYERS = {
  set: (name, value) => [name, () => value],
  text: (text) => ['', () => text],
  class: (name, isOn) => [
    'class',
    (value) => {
      const names = new Set(value?.match(/\S+/g));
      if (isOn) names.add(name);
      else names.delete(name);
      return names.size || value !== null ? [...names].join(' ') : value;
    },
  ],
};

/** How long what was copied is marked as such. */
const COPIED_MS = 2000;

/** @type {Record<string, (target: any, ...values: any[]) => void>} */
const DEEDS = {
  focus: (target) => target.focus(),
  scroll(target) {
    const isStill = matchMedia('(prefers-reduced-motion: reduce)').matches;
    target.scrollIntoView({ block: 'nearest', behavior: isStill ? 'auto' : 'smooth' });
  },
  dispatch: (target, type, detail) =>
    target.dispatchEvent(new CustomEvent(type, { bubbles: true, cancelable: true, detail })),
  open(target) {
    if (target.popover) target.showPopover();
    else if (!(target instanceof HTMLDialogElement)) target.setAttribute('open', '');
    else if (!target.open && target.hasAttribute('lf-modal')) target.showModal();
    else target.show();
  },
  close(target) {
    if (target.popover) target.hidePopover();
    else if (target instanceof HTMLDialogElement) target.close();
    else target.removeAttribute('open');
  },
};

/**
 * @param {Element} element the one with the action
 * @param {Step} step
 * @param {import('./notice.js').Core} core
 * @param {object | null} key whose layer it is, for those that are lifted; none for those that stay
 * @param {() => import('./expression.js').Values} [values]
 * @returns {(() => void) | undefined} lifts its layer
 */
export function run(element, [kind, selector, ...rest], core, key, values = () => ({})) {
  // Those are about bindings, of which the name stands in the selector's place.
  if (kind === 'let' || kind === 'is') return;
  if (kind === 'go') return go(selector);
  const target = selector ? element.closest('[lf-c]')?.querySelector(selector) : element;
  if (!target) return;
  if (kind === 'copy') copy(element, target, rest[0], core, values);
  DEEDS[kind]?.(target, ...rest);
  let [name, value] = rest;
  // What is shown now, turned round.
  if (kind === 'flip') [kind, value] = ['set', target.hasAttribute(name) ? null : ''];
  if (kind === 'class') value ??= !target.classList.contains(name);
  const layer = LAYERS[kind]?.(name, value);
  if (!layer) return;
  const [attribute, change] = layer;
  const node = attribute ? target : [...target.childNodes].find((child) => child instanceof Text);
  if (!node) return;
  // Of layers that stay, a later one about the same takes the place of an earlier one.
  const own = key ? change : `${kind} ${name}`;
  core.cover(node, attribute, own, change);
  return () => core.lift(node, attribute, own);
}

/** A path of this site, which the server has made sure of. @param {string} path @returns {undefined} */
function go(path) {
  const url = new URL(path, location.href);
  if (url.origin === location.origin) location.assign(url);
}

/**
 * Copies a text, or without one what the target shows.
 *
 * @param {Element} element
 * @param {any} target
 * @param {import('./expression.js').Expression} expression
 * @param {import('./notice.js').Core} core
 * @param {() => import('./expression.js').Values} values
 */
async function copy(element, target, expression, core, values) {
  const text = `${expression == null ? (target.value ?? target.textContent) : evaluate(expression, values())}`;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Not over plain HTTP, and not where it is not allowed: the old way still works there.
    const area = Object.assign(document.createElement('textarea'), { value: text });
    area.setAttribute('lf-ignore', '');
    core.ownNodes.add(area);
    const before = /** @type {HTMLElement | null} */ (document.activeElement);
    element.after(area);
    area.select();
    document.execCommand('copy');
    area.remove();
    before?.focus();
  }
  core.mark(element, 'lf-copied');
  setTimeout(core.unmark, COPIED_MS, element, 'lf-copied');
}
