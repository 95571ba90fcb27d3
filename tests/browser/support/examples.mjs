/** Runs a spec once for each language that the examples are written in, and fails it for whatever the browser complains about. */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe } from 'node:test';
import { connected, startBrowser } from './browser.mjs';
import { languages, startServer } from './server.mjs';

const WAIT_MS = 10_000;

/**
 * @typedef {import('playwright-core').Page} Page
 * @typedef {object} Example
 * @property {string} language what it is written in
 * @property {string} prefix the path under which this language's examples are
 * @property {() => string} address of the server, without a slash at the end
 * @property {(path: string, options?: VisitOptions) => Promise<Page>} visit as another visitor each time
 * @property {(page: Page, path: string) => Promise<Page>} openTab in the browser of the same visitor
 * @property {(complaint: RegExp) => void} tolerate a complaint of the browser in this test
 * @property {<T extends { stop(): Promise<void> }>(started: T) => T} stopLater stops it after the test
 *
 * @typedef {import('playwright-core').BrowserContextOptions & { origin?: string }} VisitOptions
 *
 * @param {string} what
 * @param {(example: Example) => void} define
 */
export function examples(what, define) {
  /** @type {Awaited<ReturnType<typeof startServer>>} */
  let server;
  /** @type {import('playwright-core').Browser} */
  let browser;
  before(async () => {
    server = await startServer();
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  for (const { name, prefix } of languages) {
    describe(`${what} in ${name}`, () => {
      const contexts = new Set();
      const complaints = [];
      const tolerated = [];
      const running = [];

      const watch = (page) => {
        page.setDefaultTimeout(WAIT_MS);
        // Violations of the content security policy are errors of the console too.
        page.on('console', (message) => {
          if (message.type() === 'error') complaints.push(message.text());
        });
        page.on('pageerror', (error) => complaints.push(String(error)));
      };
      const open = async (context, url) => {
        const page = await context.newPage();
        watch(page);
        await page.goto(url);
        return page;
      };

      afterEach(async () => {
        await Promise.all([...contexts].map((context) => context.close()));
        contexts.clear();
        // After the pages that would miss them, and proxies before their servers.
        for (const started of running.reverse()) await started.stop();
        running.length = 0;
        const unexpected = complaints.filter(
          (text) => !tolerated.some((known) => known.test(text)),
        );
        complaints.length = 0;
        tolerated.length = 0;
        assert.deepEqual(unexpected, [], 'the browser complained');
      });

      define({
        language: name,
        prefix,
        address: () => server.address,
        async visit(path, { origin = server.address, ...options } = {}) {
          const context = await browser.newContext(options);
          contexts.add(context);
          const page = await open(context, origin + path);
          const hasClient = (await page.locator('meta[name="livefloe"]').count()) > 0;
          if (hasClient && options.javaScriptEnabled !== false) await connected(page);
          return page;
        },
        async openTab(page, path) {
          const tab = await open(page.context(), server.address + path);
          await connected(tab);
          return tab;
        },
        tolerate: (complaint) => tolerated.push(complaint),
        stopLater(started) {
          running.push(started);
          return started;
        },
      });
    });
  }
}

/**
 * Waits until `read` gives what is expected.
 *
 * @template T
 * @param {() => Promise<T>} read
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

/** The label of what has the focus. @param {Page} page */
export const focused = (page) =>
  page.evaluate(() => {
    const { activeElement: element } = document;
    return (
      element?.ariaLabel ?? element?.labels?.[0]?.textContent.trim() ?? element?.textContent.trim()
    );
  });
