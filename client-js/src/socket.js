/** One WebSocket at a time: connects, watches for silence, and connects again. */
import { complain } from './diagnostic.js';
import { decode, encode, ProtocolError, VERSION } from './protocol.js';

/**
 * @typedef {'connecting' | 'connected' | 'reconnecting' | 'ended'} State
 * @typedef {import('./protocol.js').ServerMessage} ServerMessage
 */

export const Close = {
  tooLarge: 1009,
  malformed: 4400,
  noSession: 4404,
  takenOver: 4409,
  version: 4426,
};

/** Connecting again by itself cannot help after these. */
const FINAL = new Set([Close.noSession, Close.takenOver, Close.version]);

const BACKOFF_FIRST_MS = 250;
const BACKOFF_MAX_MS = 10_000;
/** Silence allowed before the server has said how often it speaks. */
const JOIN_TIMEOUT_MS = 10_000;

/** Full jitter: after a restart all clients would come at once otherwise. @param {number} attempt from 0 */
export const backoff = (attempt) =>
  Math.random() * Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** attempt);

export class Socket {
  /** @type {State} */
  state = 'connecting';
  #url;
  #on;
  /** @type {WebSocket | null} */
  #webSocket = null;
  #attempt = 0;
  #silenceMs = JOIN_TIMEOUT_MS;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #silence;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #retry;

  /**
   * @param {URL} url
   * @param {object} on
   * @param {() => void} on.open
   * @param {(message: ServerMessage, bytes: number) => void} on.message
   * @param {(code: number) => void} on.close
   * @param {(state: State, code: number) => void} on.state
   */
  constructor(url, on) {
    this.#url = url;
    this.#on = on;
  }

  /** Connects now, unless it is connected or must not. */
  connect() {
    if (this.#webSocket || this.state === 'ended') return;
    clearTimeout(this.#retry);
    const webSocket = new WebSocket(this.#url, 'livefloe.1');
    this.#webSocket = webSocket;
    this.#silenceMs = JOIN_TIMEOUT_MS;
    webSocket.binaryType = 'arraybuffer';
    // One that was dropped may still speak; it is not listened to.
    const current = () => webSocket === this.#webSocket;
    webSocket.onopen = () => current() && this.#on.open();
    webSocket.onmessage = ({ data }) => current() && this.#receive(new Uint8Array(data));
    webSocket.onclose = ({ code }) => current() && this.#closed(code);
    this.#heard();
  }

  /** @param {import('./protocol.js').ClientMessage} message */
  send(message) {
    if (this.#webSocket?.readyState === 1) this.#webSocket.send(encode(message));
  }

  /** Closes, and does not connect again until told to. */
  close() {
    if (this.state === 'ended') return;
    this.#drop();
    clearTimeout(this.#retry);
    this.#on.close(1000);
    this.#become('reconnecting');
  }

  /** Gives the connection up without waiting for the other side, which may be gone. */
  reconnect() {
    this.#drop();
    this.#closed(1006);
  }

  #drop() {
    const webSocket = this.#webSocket;
    this.#webSocket = null;
    clearTimeout(this.#silence);
    webSocket?.close();
  }

  /** @param {Uint8Array} bytes */
  #receive(bytes) {
    this.#heard();
    try {
      const message = decode(bytes);
      if (message.kind === 'joined') {
        if (message.version !== VERSION) return this.#end(Close.version);
        this.#silenceMs = 2 * message.heartbeat_ms;
        this.#heard();
      } else {
        // Not before: a server that closes after each `joined` must not be asked without pause.
        this.#attempt = 0;
      }
      this.#on.message(message, bytes.length);
      if (message.kind === 'joined') this.#become('connected');
    } catch (error) {
      complain('frame', error);
      if (error instanceof ProtocolError) this.#end(Close.malformed);
    }
  }

  #heard() {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.reconnect(), this.#silenceMs);
  }

  /** @param {number} code */
  #closed(code) {
    this.#drop();
    this.#on.close(code);
    if (FINAL.has(code)) return this.#become('ended', code);
    this.#become(this.state === 'connecting' ? 'connecting' : 'reconnecting');
    this.#retry = setTimeout(() => this.connect(), backoff(this.#attempt++));
  }

  /** @param {number} code */
  #end(code) {
    this.#drop();
    this.#on.close(code);
    this.#become('ended', code);
  }

  /** @param {State} state */
  #become(state, code = 0) {
    this.state = state;
    this.#on.state(state, code);
  }
}
