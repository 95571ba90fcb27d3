/**
 * What the client itself shows people: how the connection is, messages, what is on its way or refused,
 * what an event is expected to change, where the focus goes, and the modules of custom elements. A module
 * of its own beside the core, loaded while that connects: nothing here is needed to be right, and nothing
 * before there is something to show.
 */
import { startDrafts } from './draft.js';
import { empty, keepEmpty, putBack, putBackAll, startEmptying } from './empty.js';
import { focusArrived, focusHeir, handOn, startHeirs } from './heir.js';
import { loadModules, mayNeedModules, withActing } from './module.js';
import { emptyLargest } from './oversize.js';
import { addPending, removePending, startPending } from './pending.js';
import { clearRefusals, showRefusal, startRefusals } from './refusal.js';
import { replay } from './replay.js';
import { showStatus } from './status.js';
import { toast } from './toast.js';

/**
 * How the core lets others change the page without its patches noticing.
 *
 * @typedef {typeof import('./mark.js')
 *   & Pick<typeof import('./value.js'), 'edited' | 'isEditedAfter' | 'isChanged'>
 *   & Pick<typeof import('./event.js'), 'find' | 'handle'>
 *   & { before: string }} Given `before` is the token of what the page showed before it was loaded again
 *
 * @typedef {Given & ReturnType<typeof marks>} Core
 */

/** The operation after which an element is what the server says, and not what it was before. */
const RESYNC = 11;

const FULL = { code: 4, message: 'Too much is waiting to be sent.', fields: [] };

/** Attributes over what the server says. @param {Given} given */
const marks = ({ cover, lift }) => ({
  /** @param {Element} element @param {string} name @param {string} [value] */
  mark: (element, name, value = '') => cover(element, name, marks, () => value),
  /** @param {Element} element @param {string} name */
  unmark: (element, name) => lift(element, name, marks),
});

/** Tells whoever listens on the document. @param {string} what @param {object} detail */
const announce = (what, detail) =>
  document.dispatchEvent(new CustomEvent(`livefloe:${what}`, { detail }));

/** @param {Given} given */
export function start(given) {
  const core = { ...given, ...marks(given) };
  startEmptying(core);
  startHeirs(core);
  startPending(core);
  startRefusals(core);
  startDrafts(core);
  return {
    toast,
    emptyLargest,
    focusHeir,
    /** @param {Element[]} controls */
    replay: (controls) => replay(core, controls),

    /** @param {import('./protocol.js').ServerMessage} message @param {number} bytes on the wire */
    received(message, bytes) {
      let isAnew = false;
      if (message[0] === 2) {
        const [, seq, , operations] = message;
        announce('patch', { seq, bytes, operations: operations.length });
        if (mayNeedModules(operations)) loadModules([document.documentElement], core);
        isAnew = operations.some(([code]) => code === RESYNC);
      }
      // Whatever came, all that it settles is settled by now.
      withActing(({ refresh }) => refresh(isAnew));
    },

    /** @param {Parameters<typeof showStatus>} status */
    showStatus(...status) {
      const [state, code] = status;
      announce('connection', { state, code });
      if (state === 'ended') putBackAll();
      showStatus(...status);
    },

    /**
     * @param {Element[]} elements
     * @param {Element[]} [gone] controls with what the server does not know, when a patch brought the elements
     */
    arrived(elements, gone) {
      loadModules(elements, core);
      if (!gone) return;
      handOn(gone, elements);
      focusArrived(elements);
    },

    /** An event was sent. @param {{ type: string, element: Element, target: Element, handler: string }} act @param {number} seq */
    sent(act, seq) {
      core.unmark(act.element, 'lf-error');
      addPending(act.element);
      withActing(({ sent }) => sent(act, seq));
      empty(act, seq);
    },

    /** An event can't be sent, since too many wait. @param {{ element: Element, target: Element }} act */
    unsent: ({ element, target }) => showRefusal(element, target, FULL),

    /** The server has taken or refused an event. @param {import('./session.js').SessionEvent} event */
    settled({ element, target, seq, refusal }) {
      removePending(element);
      withActing(({ settled }) => settled(seq));
      if (refusal) {
        putBack(seq);
        showRefusal(element, target, refusal);
      } else {
        keepEmpty(seq);
        clearRefusals(target);
      }
    },
  };
}
