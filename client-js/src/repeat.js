/** Rows that are alike: one is parsed, and of its clones only what differs is touched. */
import { isPlain, writeAttribute } from './attribute.js';
import { must, twin } from './tree.js';

/** @typedef {import('./tree.js').LogicalNode} LogicalNode */

/**
 * @param {LogicalNode} row is only cloned, so that it stays what they are like
 * @param {number} copies besides the first one
 * @param {number[]} positions of the nodes that differ, in document order
 * @param {string[]} names of the attributes that do; empty for the data of a text
 * @param {string[]} values copy by copy
 * @returns {LogicalNode[]}
 */
export function repeat(row, copies, positions, names, values) {
  const original = must(row.node);
  const all = inOrder(row);
  /** What leads to the nodes that differ. Each node that is touched costs memory, so no other is. */
  const way = [original];
  /** Where each of them is: from which one before it, and whether beside or in that. @type {[number, boolean][]} */
  const steps = [];
  /** @param {Node} node @returns {number} */
  function find(node) {
    if (!way.includes(node)) {
      const { previousSibling, parentNode } = node;
      steps.push([find(must(previousSibling ?? parentNode)), !!previousSibling]);
      way.push(node);
    }
    return way.indexOf(node);
  }
  const holes = positions.map((position, index) => {
    const node = /** @type {Element} */ (must(all[position]).node);
    const name = /** @type {string} */ (names[index]);
    return /** @type {const} */ ([find(node), name, isPlain(node, name)]);
  });

  let next = 0;
  return Array.from({ length: copies + 1 }, (_, copy) => {
    /** @type {any[]} */
    const nodes = [original.cloneNode(true)];
    // The first has its values.
    if (copy) {
      for (const [from, isBeside] of steps)
        nodes.push(isBeside ? nodes[from].nextSibling : nodes[from].firstChild);
      for (const [index, name, isPlain] of holes) {
        const value = /** @type {string} */ (values[next++]);
        if (!name) nodes[index].data = value;
        else if (isPlain) nodes[index].setAttribute(name, value);
        else writeAttribute(nodes[index], name, value);
      }
    }
    return twin(row, nodes[0], row.parent);
  });
}

/** A node and what is in it, in document order. @param {LogicalNode} node @returns {LogicalNode[]} */
const inOrder = (node) => [node, ...node.children.flatMap(inOrder)];
