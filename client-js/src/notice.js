/**
 * What the client itself shows people: how the connection is, that an event is on its way, what that is
 * expected to change, messages, and what is wrong with a field. A module of its own beside the core, loaded
 * while that connects: nothing here is needed before there is something to show.
 */
import { foresee, startActions, undo } from './action.js';
import { empty, keepEmpty, putBack, putBackAll, startEmptying } from './empty.js';
import { addPending, removePending, startPending } from './pending.js';
import { clearRefusals, showRefusal, startRefusals } from './refusal.js';
import { showStatus } from './status.js';
import { toast } from './toast.js';

/**
 * How the core lets others change the page without its patches noticing.
 *
 * @typedef {typeof import('./mark.js')
 *   & Pick<typeof import('./value.js'), 'isEditedAfter' | 'stateOf' | 'enter'>} Core
 */

/** @param {Core} core */
export function start(core) {
  startActions(core);
  startEmptying(core);
  startPending(core);
  startRefusals(core);
  return {
    toast,

    /** @param {Parameters<typeof showStatus>} status */
    showStatus(...status) {
      if (status[0] === 'ended') putBackAll();
      showStatus(...status);
    },

    /** An event was sent. @param {{ type: string, element: Element, target: Element }} act @param {number} seq */
    sent(act, seq) {
      core.unmark(act.element, 'lf-error');
      addPending(act.element);
      foresee(act.element, seq);
      empty(act, seq);
    },

    /** An event could not be sent. @param {{ element: Element, target: Element }} act @param {import('./session.js').Refusal} refusal */
    unsent({ element, target }, refusal) {
      showRefusal(element, target, refusal);
    },

    /** The server has taken or refused an event. @param {import('./session.js').SessionEvent} event */
    settled({ element, target, seq, refusal }) {
      removePending(element);
      undo(seq);
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
