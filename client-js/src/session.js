/**
 * The session as the client sees it: numbers its events and keeps each until the server has settled
 * it, takes the patches in order, and answers them.
 */
import { VERSION } from './protocol.js';

/**
 * @typedef {import('./protocol.js').Operation} Operation
 * @typedef {import('./protocol.js').Refused} Refused
 *
 * @typedef {object} SentEvent
 * @property {number} seq
 * @property {number} seen the last patch applied when the person acted
 * @property {number} component
 * @property {string} handler
 * @property {string} payload
 * @property {string} type
 * @property {Element} element
 * @property {Element} target
 * @property {Refused} [refusal] set before the event is settled
 */

/** Bounds what a client that is offline for long keeps. */
export const UNSETTLED_LIMIT = 256;
const ANSWER_AFTER_PATCHES = 8;
const ANSWER_AFTER_MS = 500;

/** Sent in the place of an event that no server would take: it answers this one as stale. */
const NO_HANDLER = '00000000';

export class Session {
  /** The last patch that was applied. */
  applied = 0;
  #token;
  #on;
  #open = false;
  /** Events that the server had settled before this page life began; ours are counted from there. */
  #base = -1;
  #lastSeq = 0;
  /** @type {SentEvent[]} */
  #unsettled = [];
  #unanswered = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #answerTimer;

  /**
   * @param {string} token
   * @param {object} on
   * @param {(message: import('./protocol.js').ClientMessage) => void} on.send
   * @param {() => void} on.reconnect
   * @param {(operations: Operation[], ack: number, seq: number) => number[]} on.patch returns the components that failed
   * @param {() => number[]} on.broken components that wait for a resync
   * @param {(ack: number) => void} on.ack
   * @param {(event: SentEvent) => void} on.settled
   */
  constructor(token, on) {
    this.#token = token;
    this.#on = on;
  }

  get nextSeq() {
    return this.#lastSeq + 1;
  }

  /**
   * Numbers an event and sends it, now or when the connection is there.
   *
   * @param {Omit<SentEvent, 'seq'>} event
   * @returns {SentEvent | null} null when too many wait already
   */
  send(event) {
    if (this.#unsettled.length >= UNSETTLED_LIMIT) return null;
    const sent = { ...event, seq: ++this.#lastSeq };
    this.#unsettled.push(sent);
    if (this.#open) {
      this.#sendEvent(sent);
      this.#answered();
    }
    return sent;
  }

  /** A connection is open. */
  join() {
    this.#on.send({ kind: 'join', version: VERSION, token: this.#token, applied: this.applied });
  }

  closed() {
    this.#open = false;
    this.#answered();
  }

  /** @param {import('./protocol.js').ServerMessage} message */
  receive(message) {
    switch (message.kind) {
      case 'joined':
        return this.#joined(message);
      case 'patch':
        return this.#patch(message);
      case 'ack':
        return this.#settle(this.#own(message.ack));
      case 'heartbeat':
        return this.#answer();
    }
  }

  /** @param {Refused} refusal @returns {boolean} whether the event is known */
  refuse(refusal) {
    const event = this.#unsettled.find(({ seq }) => seq === this.#own(refusal.event));
    if (event) event.refusal ??= refusal;
    return !!event;
  }

  /** The server closed on a frame that is too large: the largest event must not be sent again. */
  tooLarge() {
    const [largest] = this.#unsettled.toSorted((a, b) => b.payload.length - a.payload.length);
    if (!largest) return;
    const message = 'This is too large to be sent.';
    largest.refusal = { op: 'refused', event: largest.seq, code: 2, message, fields: [] };
    largest.handler = NO_HANDLER;
    largest.payload = '';
  }

  /** @param {import('./protocol.js').Joined} message */
  #joined({ ack, seq, token }) {
    this.#token = token;
    // A page restored from a cache joins a session that is further than the page.
    if (this.#base < 0) this.#base = ack;
    this.#open = true;
    this.#settle(this.#own(ack));
    for (const event of this.#unsettled) this.#sendEvent(event);
    const broken = this.#on.broken();
    if (seq < this.applied) {
      // The server was restored to an earlier state than the page shows.
      this.applied = seq;
      broken.push(0);
    }
    if (broken.length) this.#answer(broken);
  }

  /** @param {import('./protocol.js').PatchMessage} message */
  #patch({ seq, ack, ops }) {
    if (seq > this.applied + 1) return this.#on.reconnect();
    /** @type {number[]} */
    let failed = [];
    if (seq > this.applied) {
      failed = this.#on.patch(ops, this.#own(ack), seq);
      this.applied = seq;
    }
    this.#settle(this.#own(ack));
    this.#unanswered++;
    if (failed.length || this.#unanswered >= ANSWER_AFTER_PATCHES) this.#answer(failed);
    else this.#answerTimer ??= setTimeout(() => this.#answer(), ANSWER_AFTER_MS);
  }

  /** The number that this page life gave to an event. @param {number} seq */
  #own(seq) {
    return seq - this.#base;
  }

  /** @param {number} ack */
  #settle(ack) {
    this.#on.ack(ack);
    while (this.#unsettled[0] && this.#unsettled[0].seq <= ack) {
      this.#on.settled(/** @type {SentEvent} */ (this.#unsettled.shift()));
    }
  }

  /** @param {SentEvent} event */
  #sendEvent({ seq, seen, component, handler, payload }) {
    this.#on.send({ kind: 'event', seq: seq + this.#base, seen, component, handler, payload });
  }

  /** @param {number[]} [failed] */
  #answer(failed = []) {
    this.#answered();
    if (this.#open) this.#on.send({ kind: 'ack', seen: this.applied, failed });
  }

  #answered() {
    clearTimeout(this.#answerTimer);
    this.#answerTimer = undefined;
    this.#unanswered = 0;
  }
}
