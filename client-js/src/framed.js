/**
 * In a frame of a notebook: a cell that is run again makes its frame anew, which goes on with the session that the frame before had. The fragment of the
 * address says which cell it is. A module of its own, in front of the core, for apps that a notebook shows.
 */
const { hash, pathname } = location;
const key = `livefloe:${pathname}${hash}`;
const [visit] = performance.getEntriesByType('navigation');

/** The newest token, for the frame after this one. */
function remember() {
  const token = history.state?.livefloe;
  if (token) sessionStorage[key] = token;
}

try {
  const before = sessionStorage[key];
  if (hash && window.parent !== window) {
    if (before && /** @type {any} */ (visit)?.type === 'navigate' && !history.state?.livefloe) {
      // As a page that is loaded again, which goes on where it was.
      delete sessionStorage[key];
      history.replaceState({ livefloe: before }, '');
      // The core leaves a page alone that has one already.
      document.documentElement.dataset.lfConnection = 'connecting';
      location.reload();
    } else {
      document.addEventListener('livefloe:connection', remember);
      document.addEventListener('livefloe:patch', remember);
    }
  }
} catch {
  // A browser that is told to keep nothing.
}

export {};
