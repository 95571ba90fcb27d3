/**
 * Actions: what the client does by itself, as data beside handlers. Loaded when a page first has some.
 *
 * Steps on *bindings*, values that the server holds, are shown at once and run by the server as well, on its own values. What is shown is always what
 * the server has said, with the steps of the events that it has not settled yet run again on that: so a second click before the answer sees what the
 * first one did, and a refusal shows the state before. Other steps are about the page alone.
 *
 * `lf-act`: steps that go with the event of the handler beside them, or that happen by themselves. `lf-optimistic`: steps that are undone when the event
 * is settled. `lf-when`: attributes by expressions. `lf-values`: what the server says of bindings.
 */
import { complain } from './diagnostic.js';
import { isElement, isForm, listen } from './dom.js';
import { evaluate } from './expression.js';
import { LAYERS, run } from './step.js';

/**
 * @typedef {import('./expression.js').Expression} Expression
 * @typedef {import('./expression.js').Values} Values
 * @typedef {[kind: string, ...rest: any[]]} Step
 * @typedef {ReturnType<typeof start>} Acting
 */

const TYPES = 'click dblclick submit input change keydown keyup pointerdown pointerup';
const CAPTURED_TYPES = 'focus blur toggle close';

/** Shows over what the server says what bindings make of an attribute. */
const WHEN = Symbol('when');

/** Of each event that is not settled: its steps on bindings, and the layers that go with it. @type {Map<number, { lets: Step[], undo: (() => void)[] }>} */
const unsettled = new Map();

/** Something may be shown that is not the server's word. */
let isAhead = false;

/** @type {WeakMap<Element, Record<string, [text: string, data: any]>>} */
const parsed = new WeakMap();

/** The core's own. @type {import('./notice.js').Core} */
let core;

/** @param {import('./notice.js').Core} theCore */
export function start(theCore) {
  core = theCore;
  listen(document, TYPES, hear);
  listen(document, CAPTURED_TYPES, hear, true);
  // Before the core hears of it.
  listen(window, 'close', quieten, true);
  return { sent, settled, refresh };
}

/**
 * An event was sent: shows what its steps do.
 *
 * @param {{ type: string, element: Element, handler?: string }} act
 * @param {number} seq
 */
function sent({ type, element, handler = '' }, seq) {
  /** @type {Step[]} */
  const lets = [];
  /** @type {(() => void)[]} */
  const undo = [];
  unsettled.set(seq, { lets, undo });
  const steps = stepsOf(element, [type, handler]);
  const expected = read(element, 'lf-optimistic') ?? [];
  lets.push(...[...steps, ...expected].filter(([kind]) => kind === 'let'));
  // First, since what they show may be what gets the focus.
  if (lets.length) refresh();
  for (const step of steps) act(element, step);
  for (const step of expected) {
    if (LAYERS[step[0]]) undo.push(...layer(element, step));
    else act(element, step);
  }
}

/** The server has taken or refused an event. What that shows is known when all that came with it is. @param {number} seq */
function settled(seq) {
  for (const lift of unsettled.get(seq)?.undo ?? []) lift();
  unsettled.delete(seq);
}

/** Shows what the bindings are now. @param {boolean} [isForced] even where nothing is ahead of the server */
function refresh(isForced) {
  const isPending = [...unsettled.values()].some(({ lets }) => lets.length);
  if (!isPending && !isAhead && !isForced) return;
  isAhead = isPending;
  const said = valuesSaid();
  const values = { ...said };
  for (const { lets } of unsettled.values()) {
    for (const [, name, expression] of lets) attempt(() => set(values, name, expression));
  }
  const changed = Object.keys(values).filter((name) => values[name] !== said[name]);
  for (const element of document.querySelectorAll('[lf-when]')) {
    const text = /** @type {string} */ (element.getAttribute('lf-when'));
    const isConcerned = changed.some((name) => text.includes(`"${name}"`));
    for (const [name, expression] of Object.entries(read(element, 'lf-when') ?? {}))
      attempt(() => show(element, name, expression, values, isConcerned));
  }
}

/** @param {Values} values @param {string} name @param {Expression} expression */
function set(values, name, expression) {
  values[name] = evaluate(expression, values);
}

/** @param {any} element @param {string} name @param {Expression} expression @param {Values} values @param {boolean} isConcerned */
function show(element, name, expression, values, isConcerned) {
  if (name === 'open') return open(element, !!evaluate(expression, values));
  const [place, attribute] =
    name === 'text'
      ? [[...element.childNodes].find((child) => child instanceof Text), '']
      : [element, name.replace(/^class:.*/, 'class')];
  if (!place) return;
  if (!isConcerned) return core.lift(place, attribute, keyOf(name));
  const value = evaluate(expression, values);
  core.cover(
    place,
    attribute,
    keyOf(name),
    name.startsWith('class:')
      ? /** @type {any} */ (LAYERS.class)(name.slice(6), !!value)[1]
      : () => written(name, value),
  );
}

/** Classes are several layers of one attribute. @type {Map<string, symbol>} */
const keys = new Map();

/** @param {string} name */
function keyOf(name) {
  if (!name.startsWith('class:')) return WHEN;
  const key = keys.get(name) ?? Symbol(name);
  keys.set(name, key);
  return key;
}

/** A value as that of an attribute, as the server writes it. @param {string} name @param {import('./expression.js').Scalar} value */
function written(name, value) {
  if (name === 'text') return `${value ?? ''}`;
  const isWord = /^(aria|data)-/.test(name);
  if (value === null || (value === false && !isWord)) return null;
  return value === true && !isWord ? '' : `${value}`;
}

/** Opens or closes a dialog, a popover or details: their attribute alone would not do. @param {any} element @param {boolean} isOpen */
function open(element, isOpen) {
  if (element instanceof HTMLDialogElement) {
    if (element.open === isOpen) return;
    if (!isOpen) element.close();
    else if (element.hasAttribute('lf-modal')) element.showModal();
    else element.show();
  } else if (element.popover) element.togglePopover(isOpen);
  else if (element.open !== isOpen) element.toggleAttribute('open', isOpen);
}

/** What the server says of each binding. @returns {Values} */
function valuesSaid() {
  /** @type {Values} */
  const values = {};
  for (const element of document.querySelectorAll('[lf-values],[lf-act],[lf-optimistic]')) {
    Object.assign(values, read(element, 'lf-values'));
    for (const name of ['lf-act', 'lf-optimistic'])
      for (const [kind, binding, value] of read(element, name) ?? [])
        if (kind === 'is') values[binding] = value;
  }
  return values;
}

/** The data in an attribute, which is parsed once. @param {Element} element @param {string} name */
function read(element, name) {
  const text = element.getAttribute(name);
  if (!text) return null;
  const own = parsed.get(element) ?? {};
  parsed.set(element, own);
  if (own[name]?.[0] !== text) own[name] = [text, attempt(() => JSON.parse(text))];
  return own[name]?.[1];
}

/**
 * The steps of an element's `lf-act` for an event. A text in it says for which handler or which type of event those are that follow.
 *
 * @param {Element} element
 * @param {unknown[]} names of the event: its type, and its handler
 * @returns {Step[]}
 */
function stepsOf(element, names) {
  let name = isForm(element)
    ? 'submit'
    : element.matches('input:not([type="button"],[type="submit"]), select, textarea')
      ? 'change'
      : 'click';
  return (read(element, 'lf-act') ?? []).filter((/** @type {Step | string} */ step) => {
    if (typeof step !== 'string') return names.includes(name);
    name = step;
    return false;
  });
}

/** Runs what goes with no handler, and keeps browsers from doing on their own what goes with one. @param {any} event */
function hear(event) {
  const { type, target } = event;
  if (!isElement(target) || target.closest(':disabled:not(fieldset)') || event.isComposing) return;
  // Opened by what its binding says, and not by the browser as well.
  if (
    type === 'click' &&
    target.closest('summary')?.parentElement?.matches('[lf-when*=\'"open"\']')
  )
    event.preventDefault();
  const isOwn = /^(toggle|close)$/.test(type);
  for (
    let element = target.closest('[lf-act]');
    element;
    element = isOwn ? null : (element.parentElement?.closest('[lf-act]') ?? null)
  ) {
    // Those with a handler run when its event is sent. An empty one stands for none.
    const handler = element.getAttribute(`lf-${type}`);
    const steps = handler ? [] : stepsOf(element, [type, handler]);
    if (!steps.length || (isOwn && element !== target) || !isMeant(event, element)) continue;
    if (element.matches('a, form:not([method="dialog" i])')) event.preventDefault();
    for (const step of steps) act(element, step);
    return;
  }
}

/** @param {any} event @param {Element} element */
function isMeant(event, element) {
  const keys = event.key && element.getAttribute('lf-keys');
  if (keys) return keys.split(' ').includes(event.key);
  // Asked to open in another tab or window.
  const isElsewhere = event.ctrlKey || event.metaKey || event.shiftKey;
  return !(event.type === 'click' && isElsewhere && element.matches('[href]'));
}

/** A dialog that closed because its binding says so is no news to the server. @param {Event} event */
function quieten(event) {
  const element = /** @type {any} */ (event.target);
  if (!isElement(element)) return;
  const expression = read(element, 'lf-when')?.open;
  if (expression === undefined) return;
  const values = valuesSaid();
  for (const { lets } of unsettled.values())
    for (const [, name, value] of lets) attempt(() => set(values, name, value));
  if (attempt(() => evaluate(expression, values)) === false) event.stopImmediatePropagation();
}

/** @param {Element} element @param {Step} step */
function layer(element, step) {
  const lift = attempt(() => run(element, step, core, {}));
  return lift ? [lift] : [];
}

/** @param {Element} element @param {Step} step */
function act(element, step) {
  // Its own layers stay: those are the client's own, for as long as the element is there.
  attempt(() => run(element, step, core, null, valuesSaid));
}

/** What can't be done is left out; the server says what counts. @template T @param {() => T} what @returns {T | undefined} */
function attempt(what) {
  try {
    return what();
  } catch (error) {
    complain('action', error);
  }
}
