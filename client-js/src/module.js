/** Custom elements of Livefloe's own, loaded when a page first shows one. */
import { complain } from './diagnostic.js';

/** @type {Record<string, string>} */
const MODULES = { 'lf-sketchpad': 'sketchpad.js' };

/** @param {Element[]} roots */
export function loadModules(roots) {
  for (const name in MODULES) {
    const isShown = roots.some((root) => root.localName === name || root.querySelector(name));
    if (!isShown || customElements.get(name)) continue;
    const url = new URL(/** @type {string} */ (MODULES[name]), import.meta.url);
    import(url.href).catch((error) => complain('module', name, error));
  }
}
