/**
 * What the client itself says to people: how the connection is, messages, and what is wrong with a field.
 * A module of its own beside the core, loaded while that connects: nothing here is needed before there
 * is something to say.
 */
import { clearRefusals, showRefusal, startRefusals } from './refusal.js';
import { showStatus } from './status.js';
import { toast } from './toast.js';

/** @param {import('./refusal.js').Marks} marks how the core lets others change the page without its patches noticing */
export function start(marks) {
  startRefusals(marks);
  return { showStatus, showRefusal, clearRefusals, toast };
}
