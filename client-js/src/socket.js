/** One WebSocket at a time: connects, watches for silence, and connects again. */
import { MALFORMED, NO_SESSION, OTHER_VERSION, TAKEN_OVER } from './close.js';
import { complain } from './diagnostic.js';
import { decode, encode, ProtocolError, VERSION } from './protocol.js';

/** @typedef {'connecting' | 'connected' | 'reconnecting' | 'ended'} State */

/** The kind of a frame that holds another one, deflated. */
const DEFLATED = 5;

/** @param {Uint8Array<ArrayBuffer>} bytes */
async function inflate(bytes) {
  const { readable, writable } = new DecompressionStream('deflate');
  const writer = writable.getWriter();
  // Ten times faster than a pipe from a blob. What fails here fails below as well.
  writer.write(bytes).catch(() => {});
  writer.close().catch(() => {});
  return new Uint8Array(await new Response(readable).arrayBuffer());
}

/** Connecting again by itself cannot help after these. */
const FINAL = [NO_SESSION, TAKEN_OVER, OTHER_VERSION];

const BACKOFF_FIRST_MS = 250;
const BACKOFF_MAX_MS = 10_000;
/** Silence allowed before the server has said how often it speaks. */
const JOIN_TIMEOUT_MS = 10_000;

/**
 * @param {URL} url of http or https, which WebSocket takes since 2024
 * @param {object} on
 * @param {() => void} on.open
 * @param {(message: import('./protocol.js').ServerMessage, bytes: number) => void} on.message
 * @param {(code: number) => void} on.close
 * @param {(state: State, code: number) => void} on.state
 */
export function createSocket(url, on) {
  /** @type {State} */
  let state = 'connecting';
  /** @type {WebSocket | null} */
  let webSocket = null;
  let attempt = 0;
  let silenceMs = JOIN_TIMEOUT_MS;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let silence;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let retry;

  /** Connects now, unless it is connected or must not. */
  function connect() {
    if (webSocket || state === 'ended') return;
    clearTimeout(retry);
    const current = new WebSocket(url, 'livefloe.3');
    webSocket = current;
    silenceMs = JOIN_TIMEOUT_MS;
    heard();
    current.binaryType = 'arraybuffer';
    // One that was dropped may still speak; it is not listened to.
    current.onopen = () => current === webSocket && on.open();
    /** Frames that wait for a deflated one before them. */
    let waiting = 0;
    /** @type {Promise<unknown>} */
    let last = Promise.resolve();
    current.onmessage = ({ data }) => {
      const bytes = new Uint8Array(data);
      /** @param {Uint8Array} frame */
      const take = (frame) => current === webSocket && receive(frame, bytes.length);
      const isDeflated = bytes[0] === DEFLATED;
      // At once where that is possible: a promise is a turn of the event loop late.
      if (!waiting && !isDeflated) return take(bytes);
      waiting++;
      last = last
        .then(() => (isDeflated ? inflate(bytes.subarray(1)) : bytes))
        .then(take, () => take(bytes))
        .finally(() => {
          waiting--;
        });
    };
    current.onclose = ({ code }) => current === webSocket && drop(code);
  }

  /** @param {Uint8Array} bytes @param {number} size on the wire */
  function receive(bytes, size) {
    try {
      const message = decode(bytes);
      const isJoined = message[0] === 1;
      if (isJoined && message[1] !== VERSION) return drop(OTHER_VERSION);
      if (isJoined) silenceMs = 2 * message[5];
      // Not on joining: a server that closes after it must not be asked without pause.
      else attempt = 0;
      heard();
      on.message(message, size);
      if (isJoined) become('connected');
    } catch (error) {
      complain('frame', error);
      // The same would come again.
      if (error instanceof ProtocolError) drop(MALFORMED, true);
    }
  }

  function heard() {
    clearTimeout(silence);
    silence = setTimeout(drop, silenceMs, 0);
  }

  /** Gives the connection up without waiting for the other side, which may be gone. @param {number} code */
  function drop(code, isFinal = FINAL.includes(code)) {
    const dropped = webSocket;
    webSocket = null;
    clearTimeout(silence);
    clearTimeout(retry);
    dropped?.close();
    on.close(code);
    if (isFinal) return become('ended', code);
    if (state === 'connected') become('reconnecting');
    // Full jitter: after a restart all clients would come at once otherwise.
    retry = setTimeout(
      connect,
      Math.random() * Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** attempt++),
    );
  }

  /** @param {State} next */
  function become(next, code = 0) {
    state = next;
    on.state(state, code);
  }

  return {
    connect,
    reconnect: () => drop(0),

    /** Closes, and does not connect again until told to. */
    close() {
      if (webSocket) drop(0);
      clearTimeout(retry);
    },

    /** @param {import('./protocol.js').ClientMessage} message */
    send(message) {
      if (webSocket?.readyState === 1) webSocket.send(encode(message));
    },
  };
}
