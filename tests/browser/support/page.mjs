/** What runs in each page before its own scripts: `window.cases`. It is sent as source, so it uses nothing from around it. */

/** @param {{ hasMoveBefore: boolean, waitMs: number }} options */
export function inPage({ hasMoveBefore, waitMs }) {
  if (!hasMoveBefore) delete Element.prototype.moveBefore;

  // The policy of the pages forbids styles in HTML.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(
    '.box { overflow: auto; height: 40px } .tall { height: 900px } .spin { animation: spin 60s linear infinite } @keyframes spin { to { rotate: 1turn } }',
  );
  document.adoptedStyleSheets = [sheet];

  let nPatches = 0;
  const waiting = new Set();
  document.addEventListener('livefloe:patch', () => {
    nPatches++;
    for (const each of waiting) each();
  });

  const root = (page = document) => page.getElementById('livefloe');
  let kept = [];
  let replaced = [];
  const name = (element) => element.cloneNode().outerHTML;

  /** What the attributes do not say. */
  const stateOf = (element) => {
    const { value, checked, indeterminate, selectedIndex, open, muted } = element;
    const isModal = element.matches(':modal');
    const isPopped = element.matches(':popover-open');
    return {
      tag: element.localName,
      value,
      checked,
      indeterminate,
      selectedIndex,
      open,
      muted,
      isModal,
      isPopped,
    };
  };

  /** What the page says of the document around it. */
  const aroundOf = ({ title, documentElement, head, body }) => ({
    title,
    attributes: [documentElement, body].map((element) =>
      Object.fromEntries(
        Array.from(element.attributes, ({ name, value }) => [name, value]).filter(
          ([name]) => !name.startsWith('data-lf-'),
        ),
      ),
    ),
    head: Array.from(head.querySelectorAll('[lf-head]'), ({ outerHTML }) => outerHTML),
  });

  window.cases = {
    count: () => nPatches,

    patched: (wanted) =>
      new Promise((resolve, reject) => {
        const look = () => nPatches >= wanted && resolve(nPatches);
        waiting.add(look);
        look();
        setTimeout(() => reject(new Error(`no patch ${wanted} came`)), waitMs);
      }),

    keep(keptSelector, replacedSelector) {
      const all = (selector) => (selector ? [...root().querySelectorAll(selector)] : []);
      const matched = (selector) => {
        const found = all(selector);
        if (selector && !found.length) throw new Error(`nothing matches ${selector}`);
        return found;
      };
      kept = matched(keptSelector);
      replaced = matched(replacedSelector);
    },

    kept: () => ({
      lost: kept.filter((element) => !root().contains(element)).map(name),
      stayed: replaced.filter((element) => root().contains(element)).map(name),
    }),

    /** Loads the same page once more, in a frame, and compares. `changed` is left out of both. */
    async compare(changed) {
      const frame = document.createElement('iframe');
      frame.src = `${location.pathname}?fresh`;
      const loaded = new Promise((resolve) => frame.addEventListener('load', resolve));
      document.body.append(frame);
      await loaded;
      let [live, fresh] = [root(), root(frame.contentDocument)];
      const without = (all) => all.filter((element) => !changed || !element.closest(changed));
      const states = [live, fresh].map((page) => {
        const stateful =
          'input, textarea, select, option, details, dialog, video, audio, [popover]';
        return without([...page.querySelectorAll(stateful)]).map(stateOf);
      });
      // The content of templates is not what `isEqualNode` looks at.
      const templates = [live, fresh].map((page) =>
        [...page.querySelectorAll('template')].map(({ innerHTML }) => innerHTML).join(),
      );
      const hasParts = live.querySelector('[lf-c]');
      if (changed || hasParts) {
        [live, fresh] = [live, fresh].map((page) => {
          const copy = page.cloneNode(true);
          for (const element of changed ? copy.querySelectorAll(changed) : []) element.remove();
          // Components are numbered as they come.
          for (const element of copy.querySelectorAll('[lf-c]')) element.removeAttribute('lf-c');
          return copy;
        });
      }
      const isEqual = live.isEqualNode(fresh) && templates[0] === templates[1];
      const described = isEqual
        ? { live: '', fresh: '' }
        : { live: `${live.innerHTML} `, fresh: fresh.innerHTML };
      const documents = [document, frame.contentDocument].map(aroundOf);
      frame.remove();
      return { ...described, states, documents };
    },
  };
}
