/** A file on its way to the server, over as many connections as it takes. */

/** A larger one asks first, so that what can't be taken is refused before any of it travels. */
const ASK_BYTES = 1_000_000;
/** Pauses before it goes on after a connection was lost; then as the last. */
const RETRY_MS = [300, 1000, 2000, 4000];
/** How often without anything new having come. */
const MAX_RETRIES = 30;
const URL_OF_UPLOADS = new URL('upload', import.meta.url);

/** A number of bytes for people, as the server says it. @param {number} bytes */
export function words(bytes) {
  for (const [unit, name] of /** @type {const} */ ([
    [1e12, 'TB'],
    [1e9, 'GB'],
    [1e6, 'MB'],
    [1e3, 'kB'],
  ]))
    if (bytes >= unit) return `${Math.floor((bytes / unit) * 10) / 10} ${name}`;
  return `${bytes} bytes`;
}

/** What the client calls it. */
function newNonce() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bytes)).replace(
    /[+/=]/g,
    (character) => ({ '+': '-', '/': '_' })[character] ?? '',
  );
}

export class Sending {
  #nonce = newNonce();
  #ticket;
  #changed;
  #retries = 0;
  /** @type {XMLHttpRequest | null} */
  #request = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** Of what is on its way, as far as the server has said. */
  #offset = 0;
  #isSentBefore = false;

  /** @param {File} file @param {() => string} ticket @param {() => void} changed */
  constructor(file, ticket, changed) {
    this.file = file;
    this.#ticket = ticket;
    this.#changed = changed;
    this.isWaiting = true;
    this.isRunning = false;
    /** An event has named it, and may have used it up. */
    this.isSpent = false;
    /** What the server calls it, once it is there. */
    this.reference = '';
    /** Why it won't get there. */
    this.problem = '';
    /** Bytes that have gone. */
    this.sent = 0;
  }

  start() {
    this.isWaiting = false;
    this.isRunning = true;
    this.#post(this.file.size > ASK_BYTES || this.#isSentBefore ? null : 0);
  }

  /** Asks whether it is still there, and sends it once more if not. */
  retry() {
    this.isSpent = false;
    this.isWaiting = this.#isSentBefore = true;
    this.reference = '';
    this.sent = this.#offset = this.#retries = 0;
  }

  stop() {
    clearTimeout(this.#timer);
    this.isWaiting = this.isRunning = false;
    const request = this.#request;
    this.#request = null;
    request?.abort();
    removeEventListener('online', this.#resume);
    // Nobody will ask for it. That this doesn't get through is no harm: it goes by itself later.
    if (!this.isSpent && (request || this.reference))
      fetch(URL_OF_UPLOADS, { method: 'DELETE', headers: this.#headers(), keepalive: true }).catch(
        () => {},
      );
  }

  /** @returns {Record<string, string>} */
  #headers() {
    const { name, type, size } = this.file;
    return {
      'content-type': 'application/octet-stream',
      'livefloe-upload': this.#ticket(),
      'livefloe-nonce': this.#nonce,
      'livefloe-size': String(size),
      // Half a character has no bytes.
      'livefloe-name': encodeURIComponent(name.replace(/\p{Surrogate}/gu, '\ufffd')),
      'livefloe-type': encodeURIComponent(type),
    };
  }

  /** @param {number | null} offset null to ask how much has come */
  #post(offset) {
    const { file } = this;
    // XMLHttpRequest, since fetch tells nothing of how much has gone.
    const request = new XMLHttpRequest();
    this.#request = request;
    request.open('POST', URL_OF_UPLOADS);
    for (const [name, value] of Object.entries(this.#headers()))
      request.setRequestHeader(name, value);
    if (offset !== null) request.setRequestHeader('livefloe-offset', String(offset));
    request.upload.onprogress = ({ loaded }) => {
      this.sent = this.#offset + loaded;
      this.#changed();
    };
    request.onloadend = () => {
      if (this.#request === request) this.#answered(request);
    };
    request.send(offset === null ? null : file.slice(offset));
  }

  /** @param {XMLHttpRequest} request */
  #answered(request) {
    const { status } = request;
    const offset = request.getResponseHeader('livefloe-offset');
    if (offset !== null) {
      const received = Number(offset);
      // Something new has come: the line is not dead.
      if (received > this.#offset) this.#retries = 0;
      this.#offset = this.sent = received;
    }
    if (status === 200) {
      this.reference = request.responseText;
      this.sent = this.file.size;
      this.#end();
    } else if (status === 202 || (status === 409 && this.#retries++ < MAX_RETRIES)) {
      this.#post(this.#offset);
    } else if (!status || status === 408 || status === 410 || (status >= 500 && status !== 507)) {
      // Where nothing answers, or a page that was loaded again is about to have its session.
      this.#again();
    } else {
      this.problem =
        (status >= 400 && request.responseText.length < 200 && request.responseText) ||
        'this file could not be sent';
      this.#end();
    }
    this.#changed();
  }

  #again() {
    const wait = RETRY_MS[Math.min(this.#retries, RETRY_MS.length - 1)];
    if (this.#retries++ >= MAX_RETRIES) {
      this.problem = 'the connection was lost';
      return this.#end();
    }
    this.#request = null;
    this.#timer = setTimeout(this.#resume, wait);
    addEventListener('online', this.#resume);
  }

  #resume = () => {
    clearTimeout(this.#timer);
    removeEventListener('online', this.#resume);
    if (this.isRunning && !this.#request) this.#post(null);
  };

  #end() {
    this.isRunning = false;
    this.#request = null;
  }
}
