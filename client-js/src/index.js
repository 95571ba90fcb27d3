/** The browser client of Livefloe. `start` wires the modules in the order that an event meets them. */
import { finish } from './attribute.js';
import { TOO_LARGE } from './close.js';
import { complain } from './diagnostic.js';
import { CONTROLS, listen } from './dom.js';
import { find, flush, handle, payloadOf, startEvents } from './event.js';
import { beneath, cover, lift, ownNodes } from './mark.js';
import { applyPatch } from './patch.js';
import { createSession } from './session.js';
import { createSocket } from './socket.js';
import { brokenComponents, hydrate } from './tree.js';
import { edited, isChanged, isEditedAfter, notTaken, settleValues, startValues } from './value.js';

function start() {
  const meta = /** @type {HTMLMetaElement | null} */ (
    document.querySelector('meta[name="livefloe"]')
  );
  const root = document.getElementById('livefloe');
  // Two copies of the script must not both act on the page.
  if (document.documentElement.dataset.lfConnection) return;
  if (!meta || !root) return complain('page');

  let isApplying = false;

  // The token of what this entry of the tab's history showed before it was loaded again. A link to the page begins anew, though some
  // browsers leave it what it had.
  const [visit] = performance.getEntriesByType('navigation');
  const before =
    /** @type {any} */ (visit)?.type === 'navigate' ? '' : (history.state?.livefloe ?? '');

  // What people are told has a module of its own: it loads while the socket connects.
  const notices = import(new URL('notice.js', import.meta.url).href).then(({ start }) =>
    start({
      beneath,
      cover,
      lift,
      ownNodes,
      edited,
      isEditedAfter,
      isChanged,
      find,
      handle,
      before,
    }),
  );
  /** @param {(notice: ReturnType<typeof import('./notice.js').start>) => void} use */
  const notify = (use) => notices.then(use).catch((error) => complain('module', 'notice', error));

  /** A patch changes the page, but no person does. @template T @param {() => T} change */
  function quietly(change) {
    isApplying = true;
    try {
      return change();
    } finally {
      isApplying = false;
    }
  }

  /** @param {Element[]} elements @param {Element[]} [gone] */
  const arrived = (elements, gone) =>
    notify((notice) => quietly(() => notice.arrived(elements, gone)));

  /** @param {import('./socket.js').State} state */
  function status(state, code = 0) {
    document.documentElement.dataset.lfConnection = state;
    notify(({ showStatus }) => showStatus(state, code, socket));
  }

  const session = createSession(meta.content, before, {
    applied: Number(meta.dataset.seq ?? 0),
    token: (livefloe) => history.replaceState({ ...history.state, livefloe }, ''),
    send: (message) => socket.send(message),
    reconnect: () => socket.reconnect(),
    broken: brokenComponents,
    patch: (operations, ack) =>
      quietly(() =>
        applyPatch(operations, ack, {
          refused,
          arrived,
          lost: (...place) => notify(({ focusHeir }) => quietly(() => focusHeir(...place))),
        }),
      ),
    ack: settleValues,
    settled: (event) => notify(({ settled }) => settled(event)),
  });

  /** @param {number} event @param {import('./session.js').Refusal} refusal */
  function refused(event, refusal) {
    const known = session.refuse(event, refusal);
    if (known) notTaken(known);
    else if (refusal.message) notify(({ toast }) => toast(refusal.message, false));
  }

  /** Tells of what was entered without a word. */
  function recover() {
    const typed = [...document.querySelectorAll(CONTROLS)].filter(
      (control) => !isEditedAfter(control, 0) && isChanged(control),
    );
    typed.forEach(edited);
    notify(({ replay }) => replay(typed));
  }

  const socket = createSocket(new URL('socket', import.meta.url), {
    open: session.join,
    message(message, bytes) {
      session.receive(message);
      notify(({ received }) => received(message, bytes));
    },
    close(code) {
      if (code === TOO_LARGE) notify(({ emptyLargest }) => emptyLargest(session.unsettled));
      session.closed();
    },
    state: status,
  });

  finish(root);
  arrived([root]);
  hydrate(root, meta.dataset.opaque ?? '', meta.dataset.check ?? '');
  const broken = brokenComponents();
  if (broken.length) complain('page', broken);

  startValues(session.nextSeq);
  startEvents({
    seen: () => (isApplying ? null : session.applied()),
    send(act) {
      const seq = session.nextSeq();
      const isSent = session.send({ ...act, payload: payloadOf(act) });
      notify(({ sent, unsent }) => (isSent ? sent(act, seq) : unsent(act)));
    },
  });
  // What the person typed while the script was loading, before a patch comes; some browsers put back
  // what was entered in an earlier visit as late as this.
  listen(window, 'pageshow', recover);
  recover();

  status('connecting');
  socket.connect();
  listen(window, 'online pageshow', socket.connect);
  listen(document, 'visibilitychange', () => document.hidden || socket.connect());
  listen(window, 'pagehide', () => {
    flush();
    // A page with an open socket is not kept for the back button.
    socket.close();
  });
}

start();
