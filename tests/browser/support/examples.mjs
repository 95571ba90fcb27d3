/** Runs a spec once for each language that the examples are written in. */
import { after, before, describe } from 'node:test';
import { startBrowser } from './browser.mjs';
import { languages, startServer } from './server.mjs';
import { visitors } from './visitors.mjs';

export { eventually } from './visitors.mjs';

/**
 * @typedef {import('./visitors.mjs').Visitors & { language: string, prefix: string }} Example
 *   what it is written in, and the path under which this language's examples are
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
      define({
        language: name,
        prefix,
        ...visitors(
          () => browser,
          () => server.address,
        ),
      });
    });
  }
}

/** The label of what has the focus. @param {import('playwright-core').Page} page */
export const focused = (page) =>
  page.evaluate(() => {
    const { activeElement: element } = document;
    return (
      element?.ariaLabel ?? element?.labels?.[0]?.textContent.trim() ?? element?.textContent.trim()
    );
  });
