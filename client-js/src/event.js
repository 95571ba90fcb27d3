/**
 * From the DOM's events to the session's: one listener per type at the document, the nearest
 * element with an `lf-` attribute for the type, and its debounce or throttle.
 */
import { complain } from './diagnostic.js';
import { isElement, isForm, isInput, listen } from './dom.js';
import { encode, serializeControl, serializeForm } from './form.js';
import { componentOf } from './tree.js';

/**
 * @typedef {object} Act what the person did, before it is sent
 * @property {any} event of any kind
 * @property {string} type
 * @property {Element} element the one with the attribute
 * @property {Element} target the one that it happened to
 * @property {number} component
 * @property {string} handler
 * @property {number} seen
 * @property {ReturnType<typeof setTimeout>} [timer]
 */

const BUBBLING = 'click dblclick submit input change keydown keyup pointerdown pointerup';
const CAPTURED = 'focus blur toggle close';

/** These do not bubble because they mean one element only. */
const OWN = /^(toggle|close)$/;

/** These say that the person is done, so they never wait. */
const PROMPT = /^(submit|change|blur)$/;

/** @type {Act[]} in the order they were made */
const waiting = [];

/** @type {WeakMap<Element, Record<string, number>>} when an element last sent, per type */
const lastSent = new WeakMap();

/** @type {{ seen(): number | null, send(act: Act): void }} `seen` is null while a patch is applied */
let on;

/** @param {typeof on} session */
export function startEvents(session) {
  on = session;
  listen(document, BUBBLING, hear);
  listen(document, CAPTURED, hear, true);
}

/** Sends what waits, up to and with `last`. @param {Act} [last] */
export function flush(last) {
  const count = last ? waiting.indexOf(last) + 1 : waiting.length;
  for (const act of waiting.splice(0, count)) {
    const { element, type, timer } = act;
    clearTimeout(timer);
    lastSent.set(element, { ...lastSent.get(element), [type]: performance.now() });
    try {
      on.send(act);
    } catch (error) {
      complain('event', type, error);
    }
  }
}

/** @param {Event} event */
function hear(event) {
  const { type, target } = event;
  if (!isElement(target)) return;
  if (type === 'blur' && waiting.some((act) => act.target === target)) flush();
  const element = find(type, target);
  if (element && isMeant(event, element, target)) handle(event, element, target);
}

/** The element whose handler an event is for. @param {string} type @param {Element} target */
export function find(type, target) {
  const selector = `[lf-${type}]`;
  const { form } = /** @type {any} */ (target);
  // What is entered into a control that stands outside of its form doesn't bubble there.
  const isEntry = /^(input|change)$/.test(type);
  const element = target.closest(selector) ?? (isEntry ? form?.closest(selector) : null);
  return OWN.test(type) && element !== target ? null : element;
}

/**
 * Whether the event is for the handler, and not for the browser or an input method alone.
 *
 * @param {any} event of any kind, with the keys that were held
 * @param {Element} element
 * @param {Element} target
 */
function isMeant(event, element, target) {
  if (target.closest(':disabled:not(fieldset)')) return false;
  if (event.key) {
    const keys = element.getAttribute('lf-keys');
    return !event.isComposing && (!keys || keys.split(' ').includes(event.key));
  }
  // Asked to open in another tab or window.
  return !(
    event.type === 'click' &&
    element.matches('[href]') &&
    (event.ctrlKey || event.metaKey || event.shiftKey)
  );
}

/** @param {Event} event @param {Element} element @param {Element} target */
export function handle(event, element, target) {
  const { type } = event;
  const seen = on.seen();
  const component = componentOf(element);
  const handler = element.getAttribute(`lf-${type}`);
  // A patch moves the focus, but no person did.
  if (seen === null || component === null || !handler) return;
  if (type === 'click' && element.matches('a')) event.preventDefault();
  // The form of a dialog still closes it.
  if (type === 'submit' && !target.matches('[method="dialog" i]')) event.preventDefault();

  const earlier = waiting.findIndex(
    (act) =>
      act.type === type && act.element === element && (act.target === target || isForm(element)),
  );
  if (earlier >= 0) clearTimeout(waiting.splice(earlier, 1)[0]?.timer);
  /** @type {Act} */
  const act = { event, type, element, target, component, handler, seen };
  const wait = waitOf(act);
  waiting.push(act);
  if (wait > 0) act.timer = setTimeout(flush, wait, act);
  else flush();
}

/** Milliseconds until it may be sent. @param {Act} act */
function waitOf({ type, element }) {
  if (PROMPT.test(type)) return 0;
  const throttle = Number(element.getAttribute('lf-throttle'));
  if (!throttle) return Number(element.getAttribute('lf-debounce'));
  return (lastSent.get(element)?.[type] ?? -Infinity) + throttle - performance.now();
}

/** Read when it is sent. @param {Act} act @returns {string} */
export function payloadOf({ event, type, element, target }) {
  if (type === 'submit' && isForm(target)) return serializeForm(target, event.submitter);
  if (event.key) return encode({ key: event.key });
  if (type === 'toggle') {
    const { newState = target.hasAttribute('open') && 'open' } = event;
    return encode({ open: String(newState === 'open') });
  }
  if (type === 'input' || type === 'change')
    return isForm(element) ? serializeForm(element) : serializeControl(target);
  const subject = type === 'focus' || type === 'blur' ? target : element;
  return isInput(subject) || subject.matches('[value], textarea, select')
    ? serializeControl(subject)
    : '';
}
