/**
 * One connection at a time: connects, watches for silence, and connects again. A WebSocket; where none gets through, what stream.js has
 * in its place.
 */
import { MALFORMED, NO_SESSION, OTHER_VERSION, TAKEN_OVER } from './close.js';
import { complain } from './diagnostic.js';
import { decode, encode, ProtocolError, VERSION } from './protocol.js';

/** @typedef {'connecting' | 'connected' | 'reconnecting' | 'ended'} State */

/** The kind of a frame that holds another one, deflated. */
const DEFLATED = 5;

/** @param {Uint8Array<ArrayBuffer>} bytes */
async function inflate(bytes) {
  // From an answer, not from a blob, which would take ten times as long.
  const { body } = new Response(bytes);
  const opened = /** @type {ReadableStream} */ (body).pipeThrough(
    new DecompressionStream('deflate'),
  );
  return new Uint8Array(await new Response(opened).arrayBuffer());
}

/** Connecting again by itself cannot help after these. */
const FINAL = [NO_SESSION, TAKEN_OVER, OTHER_VERSION];

const BACKOFF_FIRST_MS = 125;
const BACKOFF_MAX_MS = 10_000;
/** How long a socket may take to open: where it is only slow, a stream is as good. */
const OPEN_TIMEOUT_MS = 3_000;
/** Silence allowed before the server has said how often it speaks. */
const JOIN_TIMEOUT_MS = 10_000;

/** Whether this tab had to do without sockets lately. */
function isStreamed() {
  try {
    return sessionStorage['lf-stream'] > Date.now();
  } catch {
    // A browser that is told to keep nothing.
    return false;
  }
}

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
  let wantsStream = isStreamed();
  let attempt = 0;
  let silenceMs = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let silence;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let retry;

  /** Connects now, unless it is connected or must not. */
  async function connect() {
    clearTimeout(retry);
    const module = wantsStream && (await import(String(new URL('stream.js', url))).catch(() => {}));
    if (webSocket || state === 'ended') return;
    /** @type {WebSocket} Or a stream, which looks like one */
    const current = new (module ? module.Stream : WebSocket)(url, 'livefloe.3');
    webSocket = current;
    hears(OPEN_TIMEOUT_MS);
    current.binaryType = 'arraybuffer';
    current.onopen = () => {
      hears(JOIN_TIMEOUT_MS);
      on.open();
    };
    // One that was dropped may still speak; it is not listened to.
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
      last = last.then(async () => {
        take(isDeflated ? await inflate(bytes.subarray(1)).catch(() => bytes) : bytes);
        waiting--;
      });
    };
    current.onclose = ({ code }) => current === webSocket && drop(code);
  }

  /** @param {Uint8Array} bytes @param {number} size on the wire */
  function receive(bytes, size) {
    try {
      const message = decode(bytes);
      const joins = message[0] === 1;
      if (joins && message[1] !== VERSION) return drop(OTHER_VERSION);
      if (joins) silenceMs = 2 * message[5];
      // Not on joining: a server that closes after it must not be asked without pause.
      else attempt = 0;
      hears(silenceMs);
      on.message(message, size);
      if (joins) become('connected');
    } catch (error) {
      complain('frame', error);
      // The same would come again.
      if (error instanceof ProtocolError) drop(MALFORMED, true);
    }
  }

  /** Gives it up unless there is something more within this time. @param {number} ms */
  function hears(ms) {
    clearTimeout(silence);
    silence = setTimeout(drop, ms, 0);
  }

  /** Gives the connection up without waiting for the other side, which may be gone. @param {number} code */
  function drop(code, isFinal = FINAL.includes(code)) {
    const dropped = webSocket;
    webSocket = null;
    clearTimeout(silence);
    dropped?.close();
    on.close(code);
    if (isFinal) return become('ended', code);
    if (state === 'connected') become('reconnecting');
    // After two in a row that came to nothing a stream, at once: where that does as well, the server is away for both. One that got
    // through is what this tab goes on with for a while, and then it takes one socket to find out.
    attempt++;
    const isNext = !wantsStream && attempt % 3 > 1;
    wantsStream = isNext || isStreamed();
    // Full jitter: after a restart all clients would come at once otherwise.
    retry = setTimeout(
      connect,
      isNext ? 0 : Math.random() * Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** attempt),
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
      // That this one came to nothing says nothing.
      wantsStream = isStreamed();
    },

    /** @param {import('./protocol.js').ClientMessage} message */
    send(message) {
      if (webSocket?.readyState === 1) webSocket.send(encode(message));
    },
  };
}
