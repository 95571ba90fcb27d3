/**
 * The session as the client sees it: numbers its events and keeps each until the server has settled
 * it, takes the patches in order, and answers them.
 */
import { VERSION } from './protocol.js';

/**
 * @typedef {import('./protocol.js').Operation} Operation
 * @typedef {{ code: number, message: string, fields: [name: string, message: string][] }} Refusal
 *
 * @typedef {object} SessionEvent
 * @property {number} seq counted from 1 in this life of the page
 * @property {number} seen the last patch applied when the person acted
 * @property {number} component
 * @property {string} handler
 * @property {string} payload
 * @property {string} type
 * @property {Element} element
 * @property {Element} target
 * @property {Refusal} [refusal] known before the event is settled
 */

/** Bounds what a client that is offline for long keeps. */
export const UNSETTLED_LIMIT = 256;
const ANSWER_AFTER_PATCHES = 8;
const ANSWER_AFTER_MS = 500;

/**
 * @param {string} token the page's
 * @param {string} before what the page showed before it was loaded again, if that may go on
 * @param {object} on
 * @param {number} on.applied the patch that the page came with
 * @param {(token: string) => void} on.token the newest one
 * @param {(message: import('./protocol.js').ClientMessage) => void} on.send
 * @param {() => void} on.reconnect
 * @param {(operations: Operation[], ack: number) => number[]} on.patch returns the components that failed
 * @param {() => number[]} on.broken components that wait for a resync
 * @param {(ack: number) => void} on.ack
 * @param {(event: SessionEvent) => void} on.settled
 */
export function createSession(token, before, on) {
  /** The page's own token, as long as the page shows nothing of another session that it is to go on with: then it says so again. */
  let page = before && token;
  token = before || token;
  /** The last patch that was applied. */
  let { applied } = on;
  let isOpen = false;
  /** Events that the server had settled before this life of the page; unknown until it has joined. @type {any} */
  let base;
  let lastSeq = 0;
  /** @type {SessionEvent[]} */
  const unsettled = [];
  let unanswered = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let answerTimer;

  /** @param {number} seq as the server counts */
  const own = (seq) => Math.max(0, seq - base);

  /** @param {number} _version @param {number} ack @param {number} seq @param {string} newToken */
  function joined(_version, ack, seq, newToken) {
    token = newToken;
    // A page restored from a cache joins a session that is further than the page. What one that shows nothing of its session has sent is nothing to it.
    base = page ? ack - lastSeq + unsettled.length : (base ?? ack);
    isOpen = true;
    // Where the server goes on with another page than this, all of that follows, and this one's events mean nothing there.
    if (seq !== applied) {
      for (const event of unsettled) event.seen = 0;
      applied = seq;
      settle(ack);
    }
    // What became of those before is in what follows: some may have been refused.
    for (const event of unsettled) if (event.seq > own(ack)) sendEvent(event);
    const failed = on.broken();
    if (failed.length) answer(failed);
    on.token(token);
  }

  /** @param {number} seq @param {number} ack @param {Operation[]} operations */
  function patch(seq, ack, operations) {
    if (seq > applied + 1) return on.reconnect();
    page = '';
    const failed = seq > applied ? on.patch(operations, own(ack)) : [];
    applied = Math.max(applied, seq);
    settle(ack);
    if (failed.length || ++unanswered >= ANSWER_AFTER_PATCHES) answer(failed);
    else answerTimer ??= setTimeout(answer, ANSWER_AFTER_MS);
  }

  /** @param {number} ack */
  function settle(ack) {
    on.ack(own(ack));
    // Without one there is no number, which is no smaller than any.
    while (/** @type {any} */ (unsettled[0])?.seq <= own(ack)) {
      on.settled(/** @type {SessionEvent} */ (unsettled.shift()));
    }
  }

  /** @param {SessionEvent} event */
  function sendEvent({ seq, seen, component, handler, payload }) {
    on.send([2, seq + base, seen, component, handler, payload]);
    if (seen === applied) answered();
  }

  /** @param {number[]} [failed] */
  function answer(failed = []) {
    answered();
    if (isOpen) on.send([3, applied, failed]);
  }

  function answered() {
    clearTimeout(answerTimer);
    answerTimer = undefined;
    unanswered = 0;
  }

  return {
    applied: () => applied,
    unsettled,
    nextSeq: () => lastSeq + 1,

    /**
     * Numbers an event and sends it, now or when the connection is there.
     *
     * @param {Omit<SessionEvent, 'seq'>} event
     * @returns {boolean} false when too many wait already
     */
    send(event) {
      if (unsettled.length >= UNSETTLED_LIMIT) return false;
      const numbered = { ...event, seen: Math.min(event.seen, applied), seq: ++lastSeq };
      unsettled.push(numbered);
      if (isOpen) sendEvent(numbered);
      return true;
    },

    /** A connection is open. */
    join: () => on.send([1, VERSION, token, applied, page]),

    closed() {
      isOpen = false;
      answered();
    },

    /** @param {import('./protocol.js').ServerMessage} message */
    receive: ([kind, ...fields]) =>
      /** @type {any[]} */ ([joined, patch, settle, answer])[kind - 1](...fields),

    /** @param {number} seq @param {Refusal} refusal @returns {SessionEvent | undefined} the event, if it is known */
    refuse(seq, refusal) {
      const event = unsettled.find((each) => each.seq === own(seq));
      if (event) event.refusal ??= refusal;
      return event;
    },
  };
}
