/**
 * `<lf-kept>`: a value that this browser keeps over visits, in all of its tabs. Loaded when a page first shows one; shows nothing
 * itself, and knows nothing of the rest of the client.
 *
 * Attributes: `name` (what it is kept under), `value` (what the server says; absent for nothing). What the server changes is kept. When it appears and
 * something else is kept, or another tab has kept something, it sends `change`; its `value` is then what is kept, empty for nothing.
 */

const PREFIX = 'livefloe:';

/** In characters. More is neither kept nor sent: a browser has a few million for a whole site. */
const MAX_VALUE = 16_000;

class Kept extends HTMLElement {
  static observedAttributes = ['value'];

  /** What the next `change` tells of. */
  #value = '';
  /** The attributes that it came with are read: that value is the server's default, as long as nobody has chosen one. */
  #isReady = false;

  connectedCallback() {
    this.#isReady = true;
    addEventListener('storage', this.#stored);
    const kept = this.#read();
    if (kept !== null && kept !== this.getAttribute('value')) this.#tell(kept);
  }

  disconnectedCallback() {
    removeEventListener('storage', this.#stored);
  }

  /** Moved within the document: nothing to take down and set up again. */
  connectedMoveCallback() {}

  /** @param {string} _name @param {string | null} before @param {string | null} after */
  attributeChangedCallback(_name, before, after) {
    if (!this.#isReady || before === after) return;
    try {
      if (after === null) localStorage.removeItem(this.#key);
      else if (after.length <= MAX_VALUE) localStorage.setItem(this.#key, after);
    } catch {
      // Full, or not allowed: then this visit is all that there is.
    }
  }

  get name() {
    return this.getAttribute('name');
  }

  get value() {
    return this.#value;
  }

  get #key() {
    return PREFIX + this.name;
  }

  #read() {
    try {
      return localStorage.getItem(this.#key);
    } catch {
      return null;
    }
  }

  /** Another tab has changed it; without a key, all was cleared. @param {StorageEvent} event */
  #stored = ({ key }) => {
    if (key !== null && key !== this.#key) return;
    const kept = this.#read();
    if (kept !== this.getAttribute('value')) this.#tell(kept ?? '');
  };

  /** @param {string} kept */
  #tell(kept) {
    if (kept.length > MAX_VALUE) return;
    this.#value = kept;
    // Later: a patch that has brought this is still being applied, and what happens meanwhile is nobody's doing.
    queueMicrotask(() => this.dispatchEvent(new Event('change', { bubbles: true })));
  }
}

if (!customElements.get('lf-kept')) customElements.define('lf-kept', Kept);
