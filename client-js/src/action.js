/**
 * Optimistic actions: shows at once what an event is expected to change. When the event is settled
 * they are undone, and what the server has said by then shows: the same, or the state before a refusal.
 */
/** @typedef {[name: string, change: import('./mark.js').Change]} Layer */

/** What the steps of an `lf-optimistic` do. @type {Record<string, (...values: any[]) => Layer>} */
const STEPS = {
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

/** @type {Map<number, [node: Node, name: string, change: import('./mark.js').Change][]>} what each event covers */
const journal = new Map();

/** The core's own: it has to know of every cover. @type {import('./notice.js').Core} */
let core;

/** @param {import('./notice.js').Core} theCore */
export function startActions(theCore) {
  core = theCore;
}

/** @param {Element} element @param {number} event */
export function foresee(element, event) {
  const actions = element.getAttribute('lf-optimistic');
  if (!actions) return;
  journal.set(
    event,
    JSON.parse(actions).flatMap(
      (/** @type {[string, string, ...unknown[]]} */ [step, selector, ...values]) => {
        const target = selector ? element.closest('[lf-c]')?.querySelector(selector) : element;
        const layer = STEPS[step]?.(...values);
        if (!target || !layer) return [];
        const [name, change] = layer;
        const node = name ? target : [...target.childNodes].find((child) => child instanceof Text);
        if (!node) return [];
        // Each change is its own key: two steps may be about one attribute.
        core.cover(node, name, change, change);
        return [[node, name, change]];
      },
    ),
  );
}

/** @param {number} event */
export function undo(event) {
  for (const [node, name, change] of journal.get(event) ?? []) core.lift(node, name, change);
  journal.delete(event);
}
