/**
 * What the client itself shows people: how the connection is, messages, what is wrong with a field, and
 * what an event is expected to change. A module of its own beside the core, loaded while that connects:
 * nothing here is needed before there is something to show.
 */
import { foresee, startActions, undo } from './action.js';
import { empty, keepEmpty, putBack, putBackAll, startEmptying } from './empty.js';
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
      foresee(act.element, seq);
      empty(act, seq);
    },

    /** An event was refused, before it was sent or by the server. @param {{ element: Element, target: Element }} act @param {import('./session.js').Refusal} refusal */
    refused({ element, target }, refusal, seq = 0) {
      undo(seq);
      putBack(seq);
      showRefusal(element, target, refusal);
    },

    /** An event was taken. @param {Element} target @param {number} seq */
    taken(target, seq) {
      undo(seq);
      keepEmpty(seq);
      clearRefusals(target);
    },
  };
}
