/** Tells the person how the connection is. */
import { NO_SESSION, OTHER_VERSION, TAKEN_OVER } from './close.js';
import { button, region } from './toast.js';

/** A shorter break is not worth a word. */
const SHOW_AFTER_MS = 600;
const RELOADED = 'livefloe:reloaded';

/** @type {Record<number, string>} */
const ENDED = {
  [NO_SESSION]: 'This session has ended on the server.',
  [TAKEN_OVER]: 'Opened in another window.',
};

/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/** @param {import('./socket.js').State} state @param {number} code @param {() => void} retry connects now */
export function showStatus(state, code, retry) {
  if (state === 'connecting' || state === 'reconnecting') {
    timer ??= setTimeout(() => {
      const now = document.documentElement.dataset.lfConnection;
      const text = now === 'connecting' ? 'Connecting… ' : 'Connection lost. Reconnecting… ';
      say(text, button('Retry now', retry));
    }, SHOW_AFTER_MS);
    return;
  }
  clearTimeout(timer);
  timer = undefined;
  if (state === 'connected') {
    say();
    remember(false);
  } else if (code === OTHER_VERSION && !remember(true)) {
    location.reload();
  } else {
    say(
      `${ENDED[code] ?? 'This page is out of date.'} `,
      button('Reload', () => location.reload()),
    );
  }
}

/** Whether the page was reloaded already, which it must not be for ever. @param {boolean} isReload */
function remember(isReload) {
  try {
    const before = sessionStorage.getItem(RELOADED);
    if (isReload) sessionStorage.setItem(RELOADED, '1');
    else sessionStorage.removeItem(RELOADED);
    return before;
  } catch {
    // A browser that is told to keep nothing.
    return true;
  }
}

/** @param {...(string | Node)} words none to say that all is well */
function say(...words) {
  const banner = region('lf-connection');
  banner.className = 'lf-connection';
  banner.hidden = !words.length;
  banner.replaceChildren(...words);
}
