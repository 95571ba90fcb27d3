/** Tells the person, and the page's style, how the connection is. */
import { Close } from './socket.js';
import { button, region } from './toast.js';

/** A shorter break is not worth a word. */
const SHOW_AFTER_MS = 600;
const RELOADED = 'livefloe:reloaded';

/** @type {Record<number, string>} */
const ENDED = {
  [Close.malformed]: 'The page and the server do not understand each other.',
  [Close.noSession]: 'This session has ended on the server.',
  [Close.takenOver]: 'Opened in another window.',
  [Close.version]: 'There is a new version of this page.',
};

export class Status {
  #retry;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {() => void} retry connects now */
  constructor(retry) {
    this.#retry = retry;
  }

  /** @param {import('./socket.js').State} state @param {number} code */
  show(state, code) {
    document.documentElement.dataset.lfConnection = state;
    document.dispatchEvent(new CustomEvent('livefloe:connection', { detail: { state, code } }));
    if (state === 'connected') {
      storage()?.removeItem(RELOADED);
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#say('');
    } else if (state === 'ended') {
      clearTimeout(this.#timer);
      if (code === Close.version && reloadOnce()) return;
      this.#say(
        ENDED[code] ?? '',
        button('Reload', () => location.reload()),
      );
    } else {
      this.#timer ??= setTimeout(() => {
        const now = document.documentElement.dataset.lfConnection;
        const text = now === 'connecting' ? 'Connecting…' : 'Connection lost. Reconnecting…';
        this.#say(text, button('Retry now', this.#retry));
      }, SHOW_AFTER_MS);
    }
  }

  /** @param {string} text @param {HTMLButtonElement[]} buttons */
  #say(text, ...buttons) {
    const banner = region('lf-connection');
    banner.className = 'lf-connection';
    banner.hidden = !text;
    banner.replaceChildren(text, ...buttons.flatMap((element) => [' ', element]));
  }
}

/** @returns {boolean} whether the page is being reloaded */
function reloadOnce() {
  const store = storage();
  if (!store || store.getItem(RELOADED)) return false;
  store.setItem(RELOADED, '1');
  location.reload();
  return true;
}

/** Null where the browser is told to keep nothing. */
function storage() {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}
