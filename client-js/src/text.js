/** Writes to text and comment nodes. */

/**
 * Changes only the part that differs, which leaves a selection in the rest alone.
 *
 * @param {CharacterData} node
 * @param {string} text
 */
export function rewrite(node, text) {
  const { data } = node;
  const shorter = Math.min(data.length, text.length);
  let start = 0;
  while (start < shorter && data[start] === text[start]) start++;
  let end = 0;
  while (end < shorter - start && data[data.length - 1 - end] === text[text.length - 1 - end])
    end++;
  if (start + end === data.length && data.length === text.length) return;
  node.replaceData(start, data.length - start - end, text.slice(start, text.length - end));
}
