/**
 * From the DOM's events to the session's: one listener per type at the document, the nearest
 * element with an `lf-` attribute for the type, and its debounce or throttle.
 */
import { complain } from './diagnostic.js';
import { attributeOf, closest } from './dom.js';
import { serializeButton, serializeControl, serializeForm } from './form.js';
import { componentOf } from './tree.js';

/**
 * @typedef {object} Act what the person did, before it is sent
 * @property {string} type
 * @property {Element} element the one with the attribute
 * @property {Element} target the one it happened to
 * @property {number} component
 * @property {string} handler
 * @property {number} seen
 * @property {() => string} payload read when the event is sent
 * @property {ReturnType<typeof setTimeout>} [timer]
 */

const BUBBLING = 'click dblclick submit input change keydown keyup pointerdown pointerup'.split(
  ' ',
);
const CAPTURED = 'focus blur toggle close'.split(' ');

/** These do not bubble because they mean one element only. */
const OWN = new Set(['toggle', 'close']);

/** These say that the person is done, so they never wait. */
const PROMPT = new Set(['submit', 'change', 'blur']);

export class Events {
  #on;
  /** @type {Act[]} in the order they were made */
  #waiting = [];
  /** @type {WeakMap<Element, Record<string, number>>} when an element last sent, per type */
  #sent = new WeakMap();

  /** @param {{ seen(): number, applying(): boolean, send(act: Act): void }} on */
  constructor(on) {
    this.#on = on;
  }

  start() {
    for (const type of BUBBLING) document.addEventListener(type, this.#listen);
    for (const type of CAPTURED) document.addEventListener(type, this.#listen, true);
  }

  /** Tells of controls that were edited before anyone listened, once per form. @param {Element[]} controls */
  replay(controls) {
    const told = new Set();
    for (const control of controls) {
      const element = find('input', control);
      const subject = element instanceof HTMLFormElement ? element : control;
      if (!element || told.has(subject)) continue;
      told.add(subject);
      this.#handle(new Event('input'), element, control);
    }
  }

  /** Sends what waits, up to and with `last`. @param {Act} [last] */
  flush(last) {
    const count = last ? this.#waiting.indexOf(last) + 1 : this.#waiting.length;
    for (const act of this.#waiting.splice(0, count)) this.#send(act);
  }

  /** @param {Event} event */
  #listen = (event) => {
    const { type, target } = event;
    // A patch moves the focus, but no person did.
    if (!(target instanceof Element) || this.#on.applying()) return;
    try {
      if (type === 'blur' && this.#waiting.some((act) => act.target === target)) this.flush();
      const element = find(type, target);
      if (element && isMeant(event, element, target)) this.#handle(event, element, target);
    } catch (error) {
      complain('event', type, error);
    }
  };

  /** @param {Event} event @param {Element} element @param {Element} target */
  #handle(event, element, target) {
    const { type } = event;
    const component = componentOf(element);
    const handler = attributeOf(element, `lf-${type}`);
    if (component === null || !handler) return;
    if (isReplaced(event, element)) event.preventDefault();
    const payload = payloadOf(event, element, target);
    this.#schedule({ type, element, target, component, handler, payload, seen: this.#on.seen() });
  }

  /** @param {Act} act */
  #schedule(act) {
    const wait = this.#waitOf(act);
    const earlier = this.#waiting.findIndex(
      ({ type, target }) => type === act.type && target === act.target,
    );
    const timer = earlier < 0 ? undefined : this.#waiting.splice(earlier, 1)[0]?.timer;
    clearTimeout(timer);
    this.#waiting.push(act);
    if (wait > 0) act.timer = setTimeout(() => this.flush(act), wait);
    else this.flush();
  }

  /** Milliseconds until it may be sent. @param {Act} act */
  #waitOf({ type, element }) {
    if (PROMPT.has(type)) return 0;
    const debounce = Number(attributeOf(element, 'lf-debounce'));
    const throttle = Number(attributeOf(element, 'lf-throttle'));
    if (!throttle) return debounce;
    const last = this.#sent.get(element)?.[type] ?? -Infinity;
    return last + throttle - performance.now();
  }

  /** @param {Act} act */
  #send(act) {
    clearTimeout(act.timer);
    this.#sent.set(act.element, { ...this.#sent.get(act.element), [act.type]: performance.now() });
    this.#on.send(act);
  }
}

/** @param {string} type @param {Element} target */
function find(type, target) {
  const element = closest(target, `[lf-${type}]`);
  return OWN.has(type) && element !== target ? null : element;
}

/**
 * Whether the event is for the handler, and not for the browser or an input method alone.
 *
 * @param {Event} event
 * @param {Element} element
 * @param {Element} target
 */
function isMeant(event, element, target) {
  if (closest(target, ':disabled:not(fieldset)')) return false;
  if (event instanceof KeyboardEvent) {
    const keys = attributeOf(element, 'lf-key')?.split(' ');
    return !event.isComposing && (keys?.includes(event.key) ?? true);
  }
  if (event instanceof MouseEvent && event.type === 'click' && element.hasAttribute('href')) {
    // Asked to open in another tab or window.
    return !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
  }
  return true;
}

/** Whether the browser would leave the page, or send the form, where the handler does the work. @param {Event} event @param {Element} element */
function isReplaced(event, element) {
  if (event.type === 'click') return element instanceof HTMLAnchorElement;
  if (!(event instanceof SubmitEvent)) return false;
  const { submitter, target } = event;
  const method =
    submitter?.getAttribute('formmethod') ?? attributeOf(/** @type {Element} */ (target), 'method');
  // Sending such a form only closes its dialog.
  return method?.toLowerCase() !== 'dialog';
}

/** @param {Event} event @param {Element} element @param {Element} target @returns {() => string} */
function payloadOf(event, element, target) {
  if (event instanceof SubmitEvent) {
    // Read now: the submitter is known now, and a reset may follow.
    const payload = serializeForm(/** @type {HTMLFormElement} */ (target), event.submitter);
    return () => payload;
  }
  if (event instanceof KeyboardEvent) {
    const payload = new URLSearchParams({ key: event.key }).toString();
    return () => payload;
  }
  switch (event.type) {
    case 'input':
    case 'change':
      return () =>
        element instanceof HTMLFormElement ? serializeForm(element) : serializeControl(target);
    case 'focus':
    case 'blur':
      return () => ('value' in target ? serializeControl(target) : '');
    case 'toggle':
      return () => `open=${target.hasAttribute('open')}`;
    case 'close':
      return () =>
        new URLSearchParams({
          value: /** @type {HTMLDialogElement} */ (target).returnValue,
        }).toString();
    default:
      return () => serializeButton(element);
  }
}
