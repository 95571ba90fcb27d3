/** The browser client of Livefloe. `start` wires the modules in the order that an event meets them. */
import { finish } from './attribute.js';
import { complain } from './diagnostic.js';
import { Events } from './event.js';
import { resetForm } from './form.js';
import { loadModules } from './module.js';
import { Patch } from './patch.js';
import { Pending } from './pending.js';
import { BUSY, Refusals } from './refusal.js';
import { Session } from './session.js';
import { Close, Socket } from './socket.js';
import { Status } from './status.js';
import { Tree } from './tree.js';
import { CONTROLS, isChanged, Values } from './value.js';

export function start() {
  const meta = /** @type {HTMLMetaElement | null} */ (
    document.querySelector('meta[name="livefloe"]')
  );
  const root = document.getElementById('livefloe');
  // Two copies of the script must not both act on the page.
  if (document.documentElement.dataset.lfConnection) return;
  if (!meta || !root)
    return complain('page', 'there is no <meta name="livefloe"> or no <div id="livefloe">');

  let applying = false;
  const tree = new Tree();
  const values = new Values(() => session.nextSeq);
  const pending = new Pending();
  const refusals = new Refusals();

  const events = new Events({
    seen: () => session.applied,
    applying: () => applying,
    send(act) {
      refusals.forget(act.element);
      if (session.send({ ...act, payload: act.payload() })) pending.add(act.element);
      else refusals.show(act, { code: BUSY, message: '', fields: [] });
    },
  });

  const patch = new Patch(tree, values, {
    inserted: loadModules,
    refused(refusal) {
      const isKnown = session.refuse(refusal);
      if (!isKnown) refusals.show({ element: root, target: root }, refusal);
    },
  });

  const session = new Session(meta.content, {
    send: (message) => socket.send(message),
    reconnect: () => socket.reconnect(),
    broken: () => tree.broken(),
    patch(operations, ack) {
      applying = true;
      const failed = patch.apply(operations, ack);
      applying = false;
      return failed;
    },
    ack: (ack) => values.settle(ack),
    settled(event) {
      pending.remove(event.element);
      if (event.refusal) return refusals.show(event, event.refusal);
      refusals.accept(event);
      if (event.type === 'submit' && !values.isFormEditedAfter(event.target, event.seq))
        resetForm(event.target);
    },
  });

  const socket = new Socket(socketUrl(), {
    open: () => session.join(),
    message(message, bytes) {
      session.receive(message);
      if (message.kind === 'patch') announce(message, bytes);
    },
    close(code) {
      if (code === Close.tooLarge) session.tooLarge();
      session.closed();
    },
    state: (state, code) => status.show(state, code),
  });

  const status = new Status(() => socket.connect());

  finish(root);
  loadModules([root]);
  tree.hydrate(root, numbers(meta.dataset.opaque));
  const failed = tree.verify(meta.dataset.check ?? '');
  if (failed.length) complain('page', 'the page is not as it was sent; components', failed);

  values.start();
  refusals.start();
  events.start();
  // Before the first patch: what the person typed while the script was loading.
  const typed = [...root.querySelectorAll(CONTROLS)].filter(isChanged);
  for (const control of typed) values.edited(control);
  events.replay(typed);

  status.show('connecting', 0);
  socket.connect();
  addEventListener('online', () => socket.connect());
  document.addEventListener('visibilitychange', () => document.hidden || socket.connect());
  addEventListener('pageshow', ({ persisted }) => persisted && socket.connect());
  addEventListener('pagehide', () => {
    events.flush();
    // A page with an open socket is not kept for the back button.
    socket.close();
  });
}

/** The server serves the script and the socket side by side. */
function socketUrl() {
  const url = new URL('socket', import.meta.url);
  url.protocol = url.protocol.replace('http', 'ws');
  return url;
}

/** @param {string} [list] */
const numbers = (list) => (list ? list.split(',').map(Number) : []);

/** @param {import('./protocol.js').PatchMessage} patch @param {number} bytes */
function announce({ seq, ops }, bytes) {
  const detail = { seq, bytes, operations: ops.length };
  document.dispatchEvent(new CustomEvent('livefloe:patch', { detail }));
}

start();
