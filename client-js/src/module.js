/** What is loaded when a page first shows something that needs it. */
import { complain } from './diagnostic.js';
import { matches } from './dom.js';

/** What each is for, as a selector. */
const MODULES = {
  '[lf-act],[lf-when],[lf-optimistic]': 'act.js',
  'lf-sketchpad': 'sketchpad.js',
  'lf-address': 'address.js',
  'lf-kept': 'kept.js',
  'lf-chat': 'chat.js',
  'lf-upload': 'upload.js',
  '[role="tablist"],[role="menu"]': 'roving.js',
};

/** What a patch brings that may be one of them. */
const HINT = /lf-(act|when|optimistic|sketchpad|address|kept|chat|upload)|tablist|menu/;

/** Those that are loading or loaded. @type {Map<string, Promise<any>>} */
const known = new Map();

/** Once it is there. @type {import('./act.js').Acting | undefined} */
let acting;

/** @param {Element[]} roots @param {import('./notice.js').Core} core */
export function loadModules(roots, core) {
  for (const [selector, file] of Object.entries(MODULES)) {
    if (known.has(file)) continue;
    if (!roots.some((root) => matches(root, selector) || root.querySelector(selector))) continue;
    const loading = import(new URL(file, import.meta.url).href)
      .then((module) => {
        if (module.start) acting = module.start(core);
      })
      .catch((error) => complain('module', file, error));
    known.set(file, loading);
  }
}

/** @param {import('./protocol.js').Operation[]} operations */
export const mayNeedModules = (operations) =>
  operations.some((fields) => fields.some((field) => HINT.test(field)));

/** Tells the actions, in the order in which it happens. Once they are there at once: what is shown in between would be wrong. @param {(acting: import('./act.js').Acting) => void} use */
export function withActing(use) {
  if (acting) use(acting);
  else known.get('act.js')?.then(() => acting && use(acting));
}
