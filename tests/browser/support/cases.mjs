/**
 * One page of the patch engine's test server: a test gives it HTML, does what a person or an extension would do, gives it
 * other HTML, and compares the patched page with one that was opened later.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { inflateSync } from 'node:zlib';
import { decode } from '../../../client-js/src/protocol.js';
import { OPERATIONS } from '../../../client-js/test/support/frame.js';
import { startBrowser } from './browser.mjs';
import { inPage } from './page.mjs';
import { CASES, startServer } from './server.mjs';
import { eventually, visitors, WAIT_MS } from './visitors.mjs';

/**
 * @typedef {object} Case
 * @property {number} case the number in the list of cases
 * @property {string} name what holds
 * @property {string} before what the page shows first
 * @property {(scene: Scene) => Promise<unknown>} [act] what happens in the page then
 * @property {string | string[]} after what the server renders then, one after the other
 * @property {string} [keeps] a selector: what it matches before, after `act`, are the same nodes after all
 * @property {string} [replaces] a selector: what it matches before is gone after all
 * @property {string} [changed] a selector: what somebody changed, which a page that is opened later does not have
 * @property {(operations: string[]) => void} [patched] looks at the names of all operations
 * @property {(scene: Scene) => Promise<unknown>} [check]
 * @property {boolean} [variants] also in a browser without `moveBefore`
 * @property {boolean} [back] goes back to `before` as well; by default, where nobody did anything
 * @property {boolean} [isResynced] the tags of its HTML are not balanced, or others have changed the page
 * @property {RegExp} [complains] what the browser may say about it
 *
 * @typedef {Awaited<ReturnType<typeof openScene>>} Scene
 */

/** None of these operations came. @param {...string} names */
export const never =
  (...names) =>
  (operations) =>
    assert.deepEqual(
      operations.filter((operation) => names.includes(operation)),
      [],
    );

/** Nothing was written anew. */
export const inPlace = never('replace', 'insert', 'remove', 'resync');

/** The kind of a frame that holds another one, deflated. */
const DEFLATED = 5;

let lastTopic = 0;

/** Takes the operations of a patch: a test has one page. @type {(operations: unknown[]) => void} */
let hear;

/**
 * A suite with a server and a browser of its own.
 *
 * @param {string} what
 * @param {(suite: import('./visitors.mjs').Visitors & { open(options?: SceneOptions): Promise<Scene>,
 *   on(number: number, name: string, run: () => Promise<unknown>): void, all(list: Case[]): void }) => void} define
 * @param {object} [launch] how the browser is started
 */
export function cases(what, define, launch) {
  describe(what, () => {
    /** @type {Awaited<ReturnType<typeof startServer>>} */
    let server;
    /** @type {import('playwright-core').Browser} */
    let browser;
    before(async () => {
      server = await startServer(0, {}, CASES);
      browser = await startBrowser(launch);
    });
    const suite = visitors(
      () => browser,
      () => server.address,
    );
    after(async () => {
      await browser?.close();
      await server?.stop();
    });
    const open = (options) => openScene(suite, options);
    const on = (number, name, run) => test(`case ${number}: ${name}`, run);
    define({
      ...suite,
      open,
      on,
      all(list) {
        for (const each of list) {
          on(each.case, each.name, () => run(suite, each, true));
          if (each.variants)
            on(each.case, `${each.name}, without moveBefore`, () => run(suite, each, false));
        }
      },
    });
  });
}

/** @param {import('./visitors.mjs').Visitors} suite @param {Case} each @param {boolean} hasMoveBefore */
async function run(suite, each, hasMoveBefore) {
  if (each.complains) suite.tolerate(each.complains);
  const again = hasMoveBefore ? 'one' : 'one without moveBefore';
  const scene = await openScene(suite, { html: each.before, hasMoveBefore, again });
  await each.act?.(scene);
  await scene.keep(each.keeps, each.replaces);
  const operations = [];
  for (const html of [each.after].flat()) operations.push(...(await scene.update(html)));
  await scene.kept();
  await each.check?.(scene);
  each.patched?.(operations);
  // Without a table of its own around it, text in a table leaves nothing that could be patched.
  if (!each.isResynced) never('resync')(operations);
  await scene.isFresh(each.changed);
  if (!(each.back ?? !each.act) || [each.after].flat().at(-1) === each.before) return;
  await scene.update(each.before);
  await scene.isFresh(each.changed);
}

/**
 * @typedef {object} SceneOptions
 * @property {string} [html] what the page shows first
 * @property {Record<string, string>} [parts] what its child components show
 * @property {boolean} [hasMoveBefore]
 * @property {(page: import('playwright-core').Page) => Promise<unknown>} [prepare] runs before the page loads
 * @property {string} [origin] of a proxy
 * @property {boolean} [connects] whether to wait until it is connected; by default, yes
 *
 * @param {import('./visitors.mjs').Visitors} suite
 * @param {SceneOptions} [options]
 */
async function openScene(
  suite,
  { html = '', parts = {}, hasMoveBefore = true, prepare, ...options } = {},
) {
  const topic = `topic${++lastTopic}`;
  const post = async (path, body = '') => {
    const response = await fetch(`${suite.address()}/control/${path}`, { method: 'POST', body });
    assert.equal(response.status, 200);
  };
  await post(topic, html);
  for (const [name, content] of Object.entries(parts)) await post(`${topic}.${name}`, content);

  /** The operations of each patch. */
  const patches = [];
  hear = (operations) => patches.push(operations);
  const path = `/raw/${topic}`;
  const page = await suite.visit(path, {
    ...options,
    async prepare(page) {
      page.on('websocket', (socket) => {
        socket.on('framereceived', ({ payload }) => {
          const frame = payload[0] === DEFLATED ? inflateSync(payload.subarray(1)) : payload;
          const message = decode(new Uint8Array(frame));
          if (message[0] === 2) hear(message[3]);
        });
      });
      await page.addInitScript(inPage, { hasMoveBefore, waitMs: WAIT_MS });
      await prepare?.(page);
    },
  });
  const inCases = (name, ...values) =>
    page.evaluate(([name, values]) => window.cases[name](...values), [name, values]);
  let nSeen = 0;

  const scene = {
    page,
    topic,
    path,

    /** Gives the page, or a part of it, other HTML. @param {string} html @param {string} [part] */
    write: (html, part) => post(part ? `${topic}.${part}` : topic, html),

    /** `hold`, `release` or `open`: whether handlers wait. @param {string} what */
    control: (what) => post(`${topic}/${what}`),

    /** The same, and waits until it is patched. @returns {Promise<string[]>} the names of the operations */
    async update(html, part) {
      const { length } = await scene.operations();
      await scene.write(html, part);
      await scene.patched();
      return (await scene.operations()).slice(length);
    },

    /** Waits for the next patch after the last one that was waited for. */
    async patched() {
      nSeen = await inCases('patched', nSeen + 1);
    },

    /** The names of the operations of all patches that the page has applied. */
    async operations() {
      nSeen = await inCases('count');
      // What the browser tells of its sockets may come later than what it shows.
      await eventually(() => patches.length >= nSeen, true);
      return patches.flat().map(([code]) => OPERATIONS[code]);
    },

    /** Waits until the server has settled all events. */
    settled: () => page.locator('#livefloe:not(:has([lf-pending]))').waitFor({ state: 'attached' }),

    keep: (kept = '', replaced = '') => inCases('keep', kept, replaced),
    kept: async () => assert.deepEqual(await inCases('kept'), { lost: [], stayed: [] }),

    /** The page shows what one shows that is opened now. @param {string} [changed] what somebody changed since */
    async isFresh(changed) {
      const { live, fresh, states, documents } = await inCases('compare', changed ?? null);
      assert.equal(live, fresh);
      assert.deepEqual(states[0], states[1]);
      assert.deepEqual(documents[0], documents[1]);
    },

    text: (selector) => page.locator(selector).first().textContent(),
    value: (selector) => page.locator(selector).first().inputValue(),
    /** Where the selection in the focused field begins and ends. */
    selection: () =>
      page.evaluate(() => {
        const { selectionStart, selectionEnd } = document.activeElement;
        return [selectionStart, selectionEnd];
      }),
    /** The id of what has the focus. */
    focus: () =>
      page.evaluate(() => document.activeElement?.id || document.activeElement?.localName),
  };
  return scene;
}
