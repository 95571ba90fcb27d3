/**
 * What a person entered, what they had opened and where they had scrolled to, over a reload and back and forward. The server has what it was told of; the rest is kept
 * for the tab, and put back once the page shows what it did. Browsers keep neither for a page that must not be cached.
 */
import { CONTROLS, isElement, isInput, isSelect, listen } from './dom.js';
import { replay } from './replay.js';

/** What nobody should find in a history, and what a script can't put back. */
const PRIVATE =
  '[type="password" i], [type="file" i], [type="hidden" i], [autocomplete="off" i], [autocomplete^="cc-" i], [lf-ignore] *';

/** In the tab's storage: the history's own state can't be changed any more when a page is loaded again. */
const KEY = 'livefloe-drafts';

/** How many pages' drafts are kept, and of how many characters together: a larger one is not kept. */
const MAX_DRAFTS = 8;
const MAX_CHARACTERS = 200_000;

/**
 * @typedef {[name: string, value: string | boolean | string[]]} Entered
 * @typedef {{ session: string, scroll: [number, number], entered: Entered[] }} Draft
 */

/** @type {Draft | undefined} what is still to be put back */
let draft;

/** The `details` that the person opened or closed; others are as the server says. @type {WeakSet<Element>} */
const toggled = new WeakSet();

/** The core's own: it knows what a control shows by itself. @type {import('./notice.js').Core} */
let core;

/** @param {import('./notice.js').Core} given */
export function startDrafts(given) {
  core = given;
  const { before } = core;
  draft = before ? stored().find(({ session }) => session === idOf(before)) : undefined;
  addEventListener('pagehide', keep);
  listen(
    document,
    'click',
    ({ target }) => {
      const details = isElement(target) && target.closest('summary')?.parentElement;
      if (isDetails(details)) toggled.add(details);
    },
    true,
  );
  // The session's page comes with the first patch; where it is a new one, the page is what there is.
  document.addEventListener('livefloe:patch', putBack, { once: true });
  putBack();
}

/** What stays of a token over the life of its session. @param {string} token */
const idOf = (token) => token.slice(0, 21);

/** @returns {Draft[]} newest first */
function stored() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? '[]');
  } catch {
    return [];
  }
}

/** Controls by what they are called and which of those they are, since nothing else outlives the page. @returns {Map<string, Element>} */
function controls() {
  const found = new Map();
  const counts = new Map();
  for (const control of document.querySelectorAll(`${CONTROLS}, details`)) {
    const { id, name, type = 'details', form } = /** @type {any} */ (control);
    const called = JSON.stringify([id, name, type, form?.getAttribute('id')]);
    const count = counts.get(called) ?? 0;
    counts.set(called, count + 1);
    if (!control.matches(PRIVATE)) found.set(`${called}${count}`, control);
  }
  return found;
}

function keep() {
  /** @type {Entered[]} */
  const entered = [];
  for (const [name, control] of controls()) if (isOwn(control)) entered.push([name, read(control)]);
  const session = idOf(history.state?.livefloe ?? '');
  const others = stored().filter((each) => each.session !== session);
  const drafts = JSON.stringify(
    [{ session, scroll: [scrollX, scrollY], entered }, ...others].slice(0, MAX_DRAFTS),
  );
  try {
    if (drafts.length <= MAX_CHARACTERS) sessionStorage.setItem(KEY, drafts);
  } catch {
    // Full, or not allowed: then as if nothing had been entered.
  }
}

function putBack() {
  if (!draft) return;
  const all = controls();
  const changed = [];
  const missing = [];
  for (const [name, value] of draft.entered) {
    const control = all.get(name);
    if (!control) missing.push(/** @type {Entered} */ ([name, value]));
    // Who has begun to type again is right.
    else if (!isOwn(control)) {
      write(control, value);
      if (isDetails(control)) toggled.add(control);
      else if (isOwn(control)) changed.push(control);
    }
  }
  draft.entered = missing;
  replay(core, changed);
  // As far as the page goes: twice, since it may be longer once it shows what it did.
  scrollTo(...draft.scroll);
}

/** Whether it shows what the person did, and not what the server says. @param {Element} control */
const isOwn = (control) => (isDetails(control) ? toggled.has(control) : core.isChanged(control));

/** @param {any} control @returns {string | boolean | string[]} */
const read = (control) =>
  isDetails(control)
    ? control.open
    : isSelect(control)
      ? Array.from(control.selectedOptions, ({ value }) => value)
      : isTick(control)
        ? control.checked
        : control.value;

/** @param {any} control @param {any} value */
function write(control, value) {
  if (isDetails(control)) control.open = value;
  else if (isSelect(control))
    for (const option of control.options) option.selected = value.includes(option.value);
  else if (isTick(control)) control.checked = value;
  else control.value = value;
}

/** @param {Element} control */
const isTick = (control) => isInput(control) && /^(checkbox|radio)$/.test(control.type);

/** @param {unknown} element @returns {element is HTMLDetailsElement} */
const isDetails = (element) => element instanceof HTMLDetailsElement;
