/** Reports to the console what must not become an exception in the page. */

/**
 * @param {'action' | 'attribute' | 'event' | 'file' | 'frame' | 'lookup' | 'module' | 'page' | 'resync'} code stable, to search for
 * @param {...unknown} details
 */
export function complain(code, ...details) {
  console.error(`livefloe: ${code}`, ...details);
}
