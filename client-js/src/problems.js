/**
 * Of an app that is being written: shows over the page what keeps its newest version from being shown, and has the page come back at once when there
 * is another. A module of its own, which only such apps load; beside the rest of the client, of which it knows events only.
 */
import { NO_SESSION } from './close.js';

/** @typedef {{ message: string, at: string | null, detail: string }} Problem */

const FIRST_MS = 30;
const MAX_MS = 1000;

const STYLE = `
  :host { all: initial; position: fixed; inset: 0; z-index: 2147483647; display: grid; place-items: start center; padding: 8vh 16px;
    background: rgb(16 20 24 / 55%); box-sizing: border-box; overflow: auto }
  section { font: 16px/1.5 system-ui, sans-serif; color: #f2f4f6; background: #1b1f24; border-radius: 10px; border-top: 6px solid #e5484d;
    padding: 20px 24px; width: min(840px, 100%); box-sizing: border-box; box-shadow: 0 12px 40px rgb(0 0 0 / 40%) }
  h1 { font-size: 18px; line-height: 1.35; margin: 0 0 4px; overflow-wrap: anywhere }
  p { margin: 0 0 12px; color: #ffb4b4; font-family: ui-monospace, monospace; font-size: 14px; overflow-wrap: anywhere }
  pre { font: 13px/1.55 ui-monospace, monospace; margin: 0 0 12px; padding: 12px; background: #101418; border-radius: 6px; overflow: auto }
  small { color: #9aa4ae }
  button { font: inherit; font-size: 14px; color: inherit; background: none; border: 1px solid #4a525b; border-radius: 6px; padding: 2px 12px;
    float: right; cursor: pointer }
  p:empty, pre:empty { display: none }
`;

/** @type {HTMLElement | undefined} */
let overlay;

/** @param {Problem | null} problem */
function show(problem) {
  overlay?.remove();
  overlay = undefined;
  if (!problem) return;
  overlay = document.createElement('lf-problem');
  const root = overlay.attachShadow({ mode: 'open' });
  const style = new CSSStyleSheet();
  style.replaceSync(STYLE);
  root.adoptedStyleSheets = [style];
  const section = document.createElement('section');
  section.role = 'alert';
  for (const [name, text] of [
    ['h1', problem.message],
    ['p', problem.at ?? ''],
    ['pre', problem.detail],
    ['small', 'The page shows the last version that worked, and goes on when this is mended.'],
  ]) {
    const element = document.createElement(/** @type {string} */ (name));
    element.textContent = /** @type {string} */ (text);
    section.append(element);
  }
  const hide = document.createElement('button');
  hide.textContent = 'Hide';
  hide.onclick = () => show(null);
  section.append(hide);
  root.append(section);
  // Beside what the app renders, and not in it.
  document.documentElement.append(overlay);
}

const isPage = Boolean(document.querySelector('meta[name="livefloe"]'));
let isAgain = false;
let pause = FIRST_MS;

/** What the client takes for a reason to connect now. */
const connectNow = () => dispatchEvent(new Event('online'));

function listen() {
  const socket = new WebSocket(new URL('problems', import.meta.url));
  socket.onopen = () => {
    pause = FIRST_MS;
    if (!isAgain) return;
    // One that says that it could not be opened has no session to go on with.
    if (isPage) connectNow();
    else location.reload();
  };
  socket.onmessage = ({ data }) => show(JSON.parse(data));
  socket.onclose = () => {
    isAgain = true;
    setTimeout(listen, pause);
    pause = Math.min(2 * pause, MAX_MS);
  };
}

listen();
document.addEventListener('livefloe:connection', (event) => {
  const { state, code } = /** @type {CustomEvent} */ (event).detail;
  // The newest version has no such page, or the session has no such store: what there is comes from the beginning.
  if (state === 'ended' && code === NO_SESSION && isAgain) location.reload();
  // Once: where the next one fails as well, the client waits as it always does.
  if (state === 'reconnecting') connectNow();
});
