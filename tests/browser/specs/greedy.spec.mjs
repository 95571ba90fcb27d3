/** A handler that keeps Python's interpreter to itself: what needs no Python goes on meanwhile. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startBrowser } from '../support/browser.mjs';
import { PYTHON, startServer } from '../support/server.mjs';
import { visitors } from '../support/visitors.mjs';

describe('an interpreter that is held for seconds', () => {
  /** @type {import('playwright-core').Browser} */
  let browser;
  before(async () => {
    browser = await startBrowser();
  });
  const { visit, stopLater } = visitors(
    () => browser,
    () => '',
  );
  after(async () => {
    await browser?.close();
  });

  test('pages in Rust answer, connections live, and clicks for Python wait and count', async () => {
    const server = stopLater(
      await startServer(0, {}, `${PYTHON} tests/browser/apps/greedy.py`),
    );
    const [greedy, other, rust] = await Promise.all(
      ['/', '/', '/rust/counter'].map((path) => visit(path, { origin: server.address })),
    );
    const banner = (page) => page.evaluate(() => window.lost ?? 'none');
    for (const page of [greedy, other, rust]) {
      await page.evaluate(() => {
        const connection = document.getElementById('lf-connection');
        new MutationObserver(() => {
          if (/lost/.test(connection.textContent)) window.lost = connection.textContent;
        }).observe(connection, { childList: true, subtree: true, characterData: true });
      });
    }
    await greedy.getByRole('button', { name: 'Hold' }).click();
    await other.getByRole('button', { name: 'Add' }).click();
    for (let count = 1; count <= 5; count++) {
      await rust.getByRole('button', { name: '+1', exact: true }).click();
      await rust.getByRole('heading', { name: `Count: ${count}` }).waitFor();
    }
    assert.equal(await other.getByText('Count: 0').count(), 1, 'the interpreter is held');
    await greedy.getByText('Count: 10').waitFor();
    await other.getByText('Count: 1', { exact: true }).waitFor();
    for (const page of [greedy, other, rust]) assert.equal(await banner(page), 'none');
  });
});
