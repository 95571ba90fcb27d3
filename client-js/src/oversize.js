/** Events that the server refuses to read, for their size. */

/**
 * Empties the largest event: the server closed on it, and would do so each time that it is sent again.
 *
 * @param {import('./session.js').SessionEvent[]} events that are not settled
 */
export function emptyLargest(events) {
  const size = Math.max(...events.map(({ payload }) => payload.length));
  const event = events.find(({ payload }) => payload.length === size);
  const refusal = { code: 2, message: 'Too large to be sent.', fields: [] };
  // No handler has this name, so nothing is done.
  Object.assign(event ?? {}, { payload: '', handler: '00000000', refusal });
}
