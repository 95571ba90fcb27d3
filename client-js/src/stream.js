/**
 * What carries frames where no WebSocket gets through: an answer that does not end brings those of the server, and requests take those
 * of the client, one after the other. A module of its own, loaded when it is needed; to socket.js it looks like a WebSocket.
 */
import { LOST, TOO_LARGE } from './close.js';

/** How long a tab goes on with streams before it tries a socket again. */
const LASTING_MS = 600_000;
const LASTING = 'lf-stream';
/** The server's bound for batches of several frames. */
const BATCH_BYTES = 16_384;
/** What a browser still sends for a page that is left, of all requests together. */
const KEEPALIVE_BYTES = 60_000;
/** Pauses before a batch is sent once more. */
const RETRY_MS = [250, 500, 1000];

const CONTENT_TYPE = 'application/octet-stream';

/** @param {string} text base64 */
function fromBase64(text) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

/** Frames, each behind its length as a varint. @param {Uint8Array[]} frames */
function pack(frames) {
  const bytes = [];
  for (const frame of frames) {
    let length = frame.length;
    for (; length > 127; length = Math.floor(length / 128)) bytes.push((length % 128) | 128);
    bytes.push(length);
    for (const byte of frame) bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

/** Whether this tab goes on like this for a while. @param {boolean} isWorking */
function remember(isWorking) {
  try {
    if (!isWorking) delete sessionStorage[LASTING];
    // Not longer each time: a socket has to be tried now and then.
    else if (!(sessionStorage[LASTING] > Date.now()))
      sessionStorage[LASTING] = Date.now() + LASTING_MS;
  } catch {
    // A browser that is told to keep nothing: it finds out once more for each page.
  }
}

export class Stream {
  readyState = 1;
  binaryType = '';
  /** @type {(() => void) | undefined} */
  onopen;
  /** @type {((event: { data: Uint8Array }) => void) | undefined} */
  onmessage;
  /** @type {((event: { code: number }) => void) | undefined} */
  onclose;

  #url;
  #isAsked = false;
  #isHeard = false;
  #abort = new AbortController();
  /** What the server calls it. */
  #name = '';
  /** @type {Uint8Array[]} */
  #waiting = [];
  #isPosting = false;
  #batch = 0;

  /** @param {URL} url of the socket, beside which the stream is */
  constructor(url) {
    this.#url = url;
    // It has no other way to find out than to ask.
    queueMicrotask(() => this.readyState && this.onopen?.());
  }

  /** @param {Uint8Array} frame the first is the join */
  send(frame) {
    if (this.#isAsked) {
      this.#waiting.push(frame);
      this.#post();
    } else {
      this.#isAsked = true;
      this.#read(frame).catch(() => this.#end(LOST));
    }
  }

  close() {
    if (!this.readyState) return;
    if (!this.#isHeard) remember(false);
    // Of a page that is left, what was sent before goes out.
    if (this.#name && this.#waiting.length) this.#request();
    this.readyState = 0;
    this.#abort.abort();
  }

  /** @param {number} code */
  #end(code) {
    if (!this.readyState) return;
    this.#waiting = [];
    this.close();
    this.onclose?.({ code });
  }

  /** @param {string} path @param {Uint8Array} body @param {RequestInit} [more] */
  #fetch(path, body, { headers, ...more } = {}) {
    return fetch(new URL(path, this.#url), {
      method: 'POST',
      cache: 'no-store',
      redirect: 'error',
      headers: { 'content-type': CONTENT_TYPE, ...headers },
      body: /** @type {Uint8Array<ArrayBuffer>} */ (body),
      ...more,
    });
  }

  /** @param {Uint8Array} join */
  async #read(join) {
    const { ok, body } = await this.#fetch('stream', join, { signal: this.#abort.signal });
    if (!ok || !body) return this.#end(LOST);
    const reader = body.getReader();
    const decoder = new TextDecoder();
    let parts = [''];
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return this.#end(LOST);
      const text = decoder.decode(value, { stream: true });
      parts.push(text);
      // A large event is put together once.
      if (!text.includes('\n')) continue;
      const events = parts.join('').split('\n\n');
      parts = events.splice(-1);
      for (const event of events) this.#take(event);
    }
  }

  /** @param {string} event */
  #take(event) {
    const [, type, data = ''] = /^(?:event:(.*)\n)?data:(.*)$/.exec(event) ?? [];
    if (!this.readyState || !data) return;
    if (type === 'open') this.#name = data;
    else if (type === 'close') this.#end(Number.parseInt(data, 10));
    else if (!type) {
      if (!this.#isHeard) remember(true);
      this.#isHeard = true;
      this.onmessage?.({ data: fromBase64(data) });
    }
  }

  async #post() {
    if (this.#isPosting || !this.#name) return;
    this.#isPosting = true;
    while (this.readyState && this.#waiting.length) await this.#request();
    this.#isPosting = false;
  }

  /** Sends the next batch, again where it is not known whether it came: that does no harm. */
  async #request() {
    const frames = [];
    let size = 0;
    do {
      const [frame] = this.#waiting.splice(0, 1);
      if (!frame) break;
      frames.push(frame);
      // With eight bytes for a length, which none takes.
      size += frame.length + 8;
    } while (size + (this.#waiting[0]?.length ?? 0) + 8 < BATCH_BYTES);
    const body = pack(frames);
    const headers = { 'livefloe-stream': this.#name, 'livefloe-batch': String(++this.#batch) };
    for (const pause of [...RETRY_MS, 0]) {
      const status = await this.#fetch('frames', body, {
        headers,
        keepalive: body.length < KEEPALIVE_BYTES,
      }).then(
        (answer) => answer.status,
        () => 0,
      );
      if (status === 204 || !this.readyState) return;
      // The server has another opinion, or does not know the stream: again is no help.
      if (status === 413) return this.#end(TOO_LARGE);
      if ((status && status < 500) || !pause) return this.#end(LOST);
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}
