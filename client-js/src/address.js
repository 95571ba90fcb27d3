/**
 * `<lf-address>`: parameters of the page's address that follow the server, and come back when a person goes back or forward.
 * Loaded when a page first shows one; shows nothing itself, and knows nothing of the rest of the client.
 *
 * Attributes: `names` (the parameters that are its own, separated by spaces), `query` (those that the address is to have now; one of `names` that is not in
 * it is taken out), `push` (a change is a step of the history, and not only a new name for this one). Parameters of others and the fragment stay.
 *
 * After a step through the history it sends `change`; its `value` is a query string of those of its own that the address has.
 */

/** Longer queries are left out of the address: servers and proxies refuse them, and then the page couldn't be loaded again. */
const MAX_QUERY = 2000;

/** Browsers stop a page that renames its history entry too often: Safari after 100 times in 30 seconds. */
const WRITE_AFTER_MS = 350;

class Address extends HTMLElement {
  static observedAttributes = ['query'];

  /** When it last wrote. */
  #written = -Infinity;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** The newest token of the session: an entry that a person comes back to has an older one, with which a reload would find nothing. @type {unknown} */
  #token;

  connectedCallback() {
    addEventListener('popstate', this.#moved);
    document.addEventListener('livefloe:patch', this.#remember);
    addEventListener('pagehide', this.#write);
    this.#remember();
    this.#schedule();
  }

  disconnectedCallback() {
    removeEventListener('popstate', this.#moved);
    document.removeEventListener('livefloe:patch', this.#remember);
    removeEventListener('pagehide', this.#write);
    clearTimeout(this.#timer);
  }

  /** Moved within the document: nothing to take down and set up again. */
  connectedMoveCallback() {}

  attributeChangedCallback() {
    if (this.isConnected) this.#schedule();
  }

  /** The name under which its value is sent. */
  get name() {
    return this.getAttribute('name') ?? 'query';
  }

  /** Those of its parameters that the address has. */
  get value() {
    const given = new URLSearchParams(location.search);
    const own = this.#names;
    return new URLSearchParams([...given].filter(([name]) => own.includes(name)))
      .toString()
      .slice(0, MAX_QUERY);
  }

  /** @returns {string[]} */
  get #names() {
    return this.getAttribute('names')?.match(/\S+/g) ?? [];
  }

  #remember = () => {
    this.#token = history.state?.livefloe ?? this.#token;
  };

  /** At once, unless it has just been written: then when that is long enough ago, with what is wanted by then. */
  #schedule() {
    clearTimeout(this.#timer);
    const wait = this.#written + WRITE_AFTER_MS - performance.now();
    if (wait > 0) this.#timer = setTimeout(this.#write, wait);
    else this.#write();
  }

  #write = () => {
    clearTimeout(this.#timer);
    const url = new URL(location.href);
    for (const name of this.#names) url.searchParams.delete(name);
    for (const [name, value] of new URLSearchParams(this.getAttribute('query') ?? ''))
      url.searchParams.append(name, value);
    const before = new URL(location.href);
    // Compared as parameters: an address may be written in several ways that mean the same.
    const isNews = `${before.searchParams}` !== `${url.searchParams}`;
    if (!isNews || url.search.length > MAX_QUERY) return;
    this.#written = performance.now();
    try {
      const state = history.state;
      if (this.hasAttribute('push')) history.pushState(state, '', url);
      else history.replaceState(state, '', url);
    } catch {
      // Too often for this browser: the address is behind until the next change.
    }
  };

  #moved = () => {
    // A step that is about to be written is not where the person went.
    clearTimeout(this.#timer);
    if (this.#token)
      history.replaceState({ ...history.state, livefloe: this.#token }, '', location.href);
    this.dispatchEvent(new Event('change', { bubbles: true }));
  };
}

if (!customElements.get('lf-address')) customElements.define('lf-address', Address);
