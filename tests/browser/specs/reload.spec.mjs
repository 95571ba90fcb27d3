/** A page that is loaded again: F5, back and forward, a second tab, with and without its server. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { connected, startBrowser } from '../support/browser.mjs';
import { CASES, startServer } from '../support/server.mjs';
import { visitors } from '../support/visitors.mjs';

/** What Chromium itself says about a server that is away. */
const UNREACHABLE = /WebSocket connection to .* failed|ERR_(CONNECTION|INTERNET|EMPTY|SOCKET)/;

describe('reload', () => {
  /** @type {import('playwright-core').Browser} */
  let browser;
  /** @type {string} */
  let folder;
  /** @type {Awaited<ReturnType<typeof startServer>>} */
  let server;
  before(async () => {
    browser = await startBrowser();
    folder = await mkdtemp(join(tmpdir(), 'livefloe-reload-'));
    server = await startServer(0, {}, CASES);
  });
  const { visit, tolerate, stopLater } = visitors(
    () => browser,
    () => server.address,
  );
  after(async () => {
    await browser?.close();
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const count = (page, n) => page.locator('#count', { hasText: String(n) }).waitFor();

  /** A page with a count of three, an item with a star, and a note that nobody was told of. */
  async function used(origin) {
    const page = await visit('/kept', { origin });
    for (let n = 1; n <= 3; n++) {
      await page.locator('#add').click();
      await count(page, n);
    }
    await page.locator('#star2').click();
    await page.getByText('2: 1').waitFor();
    await page.locator('#note').fill('half a thought');
    return page;
  }

  async function goesOn(page, n = 3) {
    await count(page, n);
    await page.getByText('2: 1').waitFor();
    await page.waitForFunction(() => document.querySelector('#note').value === 'half a thought');
    await page.locator('#add').click();
    await count(page, n + 1);
  }

  test('a page that is loaded again goes on where it was, with what was typed', async () => {
    const page = await used();
    await page.reload();
    await goesOn(page);
    await page.reload();
    await goesOn(page, 4);
  });

  test('back and forward bring the session back, and a link to the page a new one', async () => {
    const page = await used();
    // Without the cache for back and forward, as after some time.
    await page.evaluate(() => {
      navigator.locks.request('held', () => new Promise(() => {}));
    });
    await page.goto(`${server.address}/frame.html`);
    await page.evaluate(() => history.back());
    await goesOn(page);
    await page.evaluate(() => {
      const link = document.createElement('a');
      link.href = '/kept';
      document.body.append(link);
      link.click();
    });
    await count(page, 0);
    assert.equal(await page.locator('#note').inputValue(), '');
  });

  test('a second tab with the same history has a session of its own, and the first goes on', async () => {
    const page = await used();
    const state = await page.evaluate(() => history.state);
    assert.ok(state.livefloe);
    const other = await page.context().newPage();
    await other.addInitScript((given) => {
      if (!history.state) history.replaceState(given, '');
    }, state);
    await other.goto(page.url());
    await connected(other);
    await count(other, 0);
    await other.locator('#add').click();
    await count(other, 1);
    await page.locator('#add').click();
    await count(page, 4);
  });

  test('a page that is loaded again from a server that was killed meanwhile goes on', async () => {
    tolerate(UNREACHABLE);
    const environment = { STORE: join(folder, 'killed.sqlite') };
    let own = stopLater(await startServer(0, environment, CASES));
    const page = await used(own.address);
    await own.stop('SIGKILL');
    await page.getByText('Connection lost. Reconnecting…').waitFor();
    own = stopLater(await startServer(own.port, environment, CASES));
    await page.reload();
    await goesOn(page);
  });

  test('where the session is gone, the page begins anew with what was typed', async () => {
    tolerate(UNREACHABLE);
    let own = stopLater(await startServer(0, {}, CASES));
    const page = await used(own.address);
    await own.stop('SIGKILL');
    own = stopLater(await startServer(own.port, {}, CASES));
    await page.reload();
    await connected(page);
    await count(page, 0);
    await page.waitForFunction(() => document.querySelector('#note').value === 'half a thought');
  });

  test('what was opened stays open, and what was closed again stays closed', async () => {
    const page = await used();
    const is = (selector) => page.locator(`#more${selector}`).waitFor({ state: 'attached' });
    await page.locator('#more summary').click();
    for (let n = 3; n < 5; n++) {
      await page.reload();
      await goesOn(page, n);
      await is('[open]');
    }
    await page.locator('#more summary').click();
    await page.reload();
    await goesOn(page, 5);
    await is(':not([open])');
  });

  test('the page is scrolled to where it was', async () => {
    const page = await used();
    await page.setViewportSize({ width: 400, height: 60 });
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    const before = await page.evaluate(() => scrollY);
    assert.ok(before > 50);
    await page.reload();
    await page.waitForFunction((y) => Math.abs(scrollY - y) < 2, before);
  });
});
