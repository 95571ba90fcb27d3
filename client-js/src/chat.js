/**
 * `<lf-chat>`: keeps a conversation at its end while that grows, unless the reader has scrolled up, and sends what is written with Enter.
 * Loaded when a page first shows one; knows nothing of the rest of the client. Without it a chat is a list and a form.
 *
 * It holds a scroller (`.lf-chat-log`, with `.lf-chat-messages` in it) and forms with a text area. Its state `away` says that the reader is elsewhere.
 */

/** How far from its end somebody is still said to be there, in CSS pixels. */
const NEAR = 48;

class Chat extends HTMLElement {
  #internals = this.attachInternals();
  /** Takes the reader to the end. The page's own patches know nothing of it. */
  #latest = document.createElement('button');
  /** @type {Element | null} */
  #log = null;
  /** Whether the reader wants to see what comes. */
  #follows = true;
  /** How far it was scrolled when that was last looked at. */
  #top = 0;
  #grown = new ResizeObserver(() => this.#settle());
  /** The list may be replaced as a whole. */
  #changed = new MutationObserver(() => this.#watch());

  constructor() {
    super();
    this.#latest.type = 'button';
    this.#latest.className = 'lf-chat-latest';
    this.#latest.setAttribute('aria-label', 'Go to the latest message');
    this.#latest.textContent = '↓';
    this.#latest.addEventListener('click', () => this.#follow());
  }

  connectedCallback() {
    this.append(this.#latest);
    this.addEventListener('keydown', this.#pressed);
    this.addEventListener('submit', this.#submitted);
    this.addEventListener('input', this.#typed);
    this.#changed.observe(this, { childList: true, subtree: true });
    this.#watch();
  }

  disconnectedCallback() {
    this.removeEventListener('keydown', this.#pressed);
    this.removeEventListener('submit', this.#submitted);
    this.removeEventListener('input', this.#typed);
    this.#changed.disconnect();
    this.#grown.disconnect();
    this.#log?.removeEventListener('scroll', this.#scrolled);
    this.#log = null;
  }

  /** Moved within the document: nothing to take down and set up again. */
  connectedMoveCallback() {}

  #watch() {
    const log = this.querySelector('.lf-chat-log');
    if (log === this.#log) return;
    this.#log?.removeEventListener('scroll', this.#scrolled);
    this.#grown.disconnect();
    this.#log = log;
    if (!log) return;
    log.addEventListener('scroll', this.#scrolled, { passive: true });
    this.#grown.observe(log);
    // Not by `children`: the build gives that a short name.
    for (const child of log.querySelectorAll(':scope > *')) this.#grown.observe(child);
    this.#settle();
  }

  /** The list has another size: who was at its end stays there. */
  #settle() {
    const log = this.#log;
    if (log && this.#follows) {
      log.scrollTop = log.scrollHeight;
      this.#top = log.scrollTop;
    }
    this.#say();
  }

  #scrolled = () => {
    const log = this.#log;
    if (!log) return;
    const { scrollTop } = log;
    if (log.scrollHeight - scrollTop - log.clientHeight < NEAR) this.#follows = true;
    // Only a reader goes back. Far from the end may also mean that it has grown since this was on its way.
    else if (scrollTop < this.#top) this.#follows = false;
    this.#top = scrollTop;
    this.#say();
  };

  #say() {
    const { states } = this.#internals;
    // Browsers before 2024 have none: then the button never shows.
    if (this.#follows) states?.delete('away');
    else states?.add('away');
  }

  #follow() {
    this.#follows = true;
    this.#settle();
  }

  /** @param {KeyboardEvent} event */
  #pressed = (event) => {
    const area = event.target;
    if (event.key !== 'Enter' || !(area instanceof HTMLTextAreaElement)) return;
    // With an input method Enter takes what it suggests; on a telephone there is no other key for a new line.
    if (event.shiftKey || event.isComposing || matchMedia('(pointer: coarse)').matches) return;
    event.preventDefault();
    const button = area.form?.querySelector('[type="submit"]:not(:disabled)');
    if (button && area.value.trim()) area.form?.requestSubmit(/** @type {HTMLElement} */ (button));
  };

  /** Who says something wants to see the answer. */
  #submitted = () => {
    this.#follow();
    requestAnimationFrame(() => this.#fit());
  };

  #typed = () => this.#fit();

  /** As high as its text, where the stylesheet can't say so. */
  #fit() {
    if (CSS.supports('field-sizing', 'content')) return;
    for (const area of this.querySelectorAll('textarea')) {
      area.style.height = '';
      area.style.height = `${area.scrollHeight + area.offsetHeight - area.clientHeight}px`;
    }
  }
}

if (!customElements.get('lf-chat')) customElements.define('lf-chat', Chat);
