/** Opens pages as visitors do, and fails a test for whatever the browser complains about. */
import assert from 'node:assert/strict';
import { after, afterEach } from 'node:test';
import { connected } from './browser.mjs';

export const WAIT_MS = 10_000;

/**
 * @typedef {import('playwright-core').Page} Page
 * @typedef {import('playwright-core').BrowserContextOptions & { origin?: string, prepare?: (page: Page) => Promise<void>,
 *   connects?: boolean, again?: string }} VisitOptions `prepare` runs before the page first loads; `connects: false` waits for
 *   no connection; `again` names a page that is used again instead of closed
 *
 * @typedef {object} Visitors
 * @property {() => string} address of the server, without a slash at the end
 * @property {(path: string, options?: VisitOptions) => Promise<Page>} visit as another visitor each time
 * @property {(page: Page, path: string) => Promise<Page>} openTab in the browser of the same visitor
 * @property {(complaint: RegExp) => void} tolerate a complaint of the browser in this test
 * @property {<T extends { stop(): Promise<void> }>(started: T) => T} stopLater stops it after the test
 */

/**
 * For the tests of the suite that it is called in.
 *
 * @param {() => import('playwright-core').Browser} browser
 * @param {() => string} address
 * @returns {Visitors}
 */
export function visitors(browser, address) {
  const contexts = new Set();
  const kept = new Map();
  const complaints = [];
  const tolerated = [];
  const running = [];

  const open = async (context, url, prepare, waitUntil) => {
    const page = await context.newPage();
    page.setDefaultTimeout(WAIT_MS);
    // Violations of the content security policy are errors of the console too.
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    await prepare?.(page);
    await page.goto(url, { waitUntil });
    return page;
  };

  afterEach(async () => {
    await Promise.all([...contexts].map((context) => context.close()));
    contexts.clear();
    // After the pages that would miss them, and proxies before their servers.
    for (const started of running.reverse()) await started.stop();
    running.length = 0;
    const unexpected = complaints.filter((text) => !tolerated.some((known) => known.test(text)));
    complaints.length = 0;
    tolerated.length = 0;
    assert.deepEqual(unexpected, [], 'the browser complained');
  });

  after(() => Promise.all([...kept.values()].map((page) => page.context().close())));

  return {
    address,
    async visit(path, { origin = address(), prepare, connects = true, again, ...options } = {}) {
      let page = kept.get(again);
      if (page) {
        await page.goto(origin + path);
      } else {
        const context = await browser().newContext(options);
        if (!again) contexts.add(context);
        page = await open(context, origin + path, prepare, connects ? 'load' : 'commit');
        if (again) kept.set(again, page);
      }
      const hasClient = (await page.locator('meta[name="livefloe"]').count()) > 0;
      if (hasClient && connects && options.javaScriptEnabled !== false) await connected(page);
      return page;
    },
    async openTab(page, path) {
      const tab = await open(page.context(), address() + path);
      await connected(tab);
      return tab;
    },
    tolerate: (complaint) => tolerated.push(complaint),
    stopLater(started) {
      running.push(started);
      return started;
    },
  };
}

/**
 * Waits until `read` gives what is expected.
 *
 * @template T
 * @param {() => Promise<T> | T} read
 * @param {T} expected
 */
export async function eventually(read, expected) {
  const deadline = performance.now() + WAIT_MS;
  for (;;) {
    const got = await read();
    try {
      return assert.deepEqual(got, expected);
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
