/**
 * What the client itself shows people: how the connection is, messages, what is wrong with a field, and
 * what an event is expected to change. A module of its own beside the core, loaded while that connects:
 * nothing here is needed before there is something to show.
 */
import { foresee, startActions, undo } from './action.js';
import { clearRefusals, showRefusal, startRefusals } from './refusal.js';
import { showStatus } from './status.js';
import { toast } from './toast.js';

/** How the core lets others change the page without its patches noticing. @typedef {typeof import('./mark.js')} Core */

/** @param {Core} core */
export function start(core) {
  startActions(core);
  startRefusals(core);
  return { showStatus, showRefusal, clearRefusals, toast, foresee, undo };
}
