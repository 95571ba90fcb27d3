/** Where no WebSocket gets through: a proxy that knows nothing of them, and one that swallows them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connected } from '../support/browser.mjs';
import { eventually, examples } from '../support/examples.mjs';
import { startNginx } from '../support/nginx.mjs';
import { startProxy } from '../support/proxy.mjs';
import { startServer } from '../support/server.mjs';

/** What Chromium itself says about a socket that doesn't open, and about a way that is cut. */
const BLOCKED = /WebSocket connection to .* failed|ERR_(CONNECTION|EMPTY|SOCKET|INCOMPLETE)/;

examples('without WebSockets', ({ prefix, visit, tolerate, stopLater, address }) => {
  const button = (page, name) => page.getByRole('button', { name, exact: true });
  const banner = (page) => page.locator('#lf-connection');

  /** Counts the sockets that a page opens, notes what it was told of the connection, and how long it took. */
  async function watch(page) {
    page.nSockets = 0;
    page.on('websocket', () => page.nSockets++);
    await page.addInitScript(() => {
      window.said = [];
      new MutationObserver(() => {
        const said = document.querySelector('#lf-connection:not([hidden])')?.textContent;
        if (said && !window.said.includes(said)) window.said.push(said);
        if (document.documentElement.dataset.lfConnection === 'connected')
          window.connectedMs ??= performance.now();
      }).observe(document, { subtree: true, childList: true, attributes: true });
    });
  }

  /** A way through nginx that can be cut. */
  async function way(port, options) {
    const nginx = stopLater(await startNginx(port, options));
    return stopLater(await startProxy(nginx.path));
  }
  const ownPort = () => Number(new URL(address()).port);

  test('a page works through a proxy that refuses them, and says nothing of it', async () => {
    tolerate(BLOCKED);
    const proxy = await way(ownPort());
    const page = await visit(`${prefix}/counter`, { origin: proxy.address, prepare: watch });
    assert.equal(page.nSockets, 2);
    for (let count = 1; count <= 3; count++) {
      await button(page, '+1').click();
      await page.getByRole('heading', { name: `Count: ${count}` }).waitFor();
    }
    assert.deepEqual(await page.evaluate(() => window.said), []);
    const ms = await page.evaluate(() => window.connectedMs);
    assert.ok(ms < 3_000, `connected after ${ms} ms`);
    // Loaded again it goes on, and the tab knows by now.
    await page.reload();
    await connected(page);
    await page.getByRole('heading', { name: 'Count: 3' }).waitFor();
    await button(page, '+1').click();
    await page.getByRole('heading', { name: 'Count: 4' }).waitFor();
    assert.equal(page.nSockets, 2);
  });

  test('where they are swallowed it takes some seconds', async () => {
    tolerate(BLOCKED);
    const proxy = await way(ownPort(), { hangs: true });
    const page = await visit(`${prefix}/counter`, { origin: proxy.address, prepare: watch });
    await button(page, '+1').click();
    await page.getByRole('heading', { name: 'Count: 1' }).waitFor();
    assert.deepEqual(await page.evaluate(() => window.said), ['Connecting… Retry now']);
    await banner(page).waitFor({ state: 'hidden' });
    const ms = await page.evaluate(() => window.connectedMs);
    assert.ok(ms < 8_000, `connected after ${ms} ms`);
  });

  test('what is typed and done while the way is cut is kept, and sent once', async () => {
    tolerate(BLOCKED);
    const proxy = await way(ownPort());
    const page = await visit(`${prefix}/todo`, { origin: proxy.address, prepare: watch });
    await page.getByLabel('New task').fill('Before');
    await button(page, 'Add').click();
    await page.getByRole('checkbox', { name: 'Before' }).waitFor();
    proxy.cut();
    await banner(page).getByText('Connection lost. Reconnecting…').waitFor();
    await page.getByLabel('New task').fill('During');
    await button(page, 'Add').click();
    await page.getByRole('checkbox', { name: 'Before' }).check();
    proxy.mend();
    await button(page, 'Retry now')
      .click({ timeout: 2_000 })
      .catch(() => {});
    await connected(page);
    await page.getByRole('checkbox', { name: 'During' }).waitFor();
    await page.getByText('1 task left').waitFor();
    assert.equal(await page.getByRole('listitem').count(), 2);
  });

  test('what is half typed when the page is loaded again is still there', async () => {
    tolerate(BLOCKED);
    const proxy = await way(ownPort());
    const page = await visit(`${prefix}/signup`, { origin: proxy.address });
    for (const text of ['ada@', 'ada@exa', 'ada@example.org']) {
      await page.getByLabel('E-mail').pressSequentially(text.slice(-4));
      const typed = await page.getByLabel('E-mail').inputValue();
      await page.reload();
      await connected(page);
      await eventually(() => page.getByLabel('E-mail').inputValue(), typed);
    }
  });

  test('a server that is away for a while is met over a socket again', async () => {
    tolerate(BLOCKED);
    let server = stopLater(await startServer());
    const page = await visit(`${prefix}/counter`, { origin: server.address, prepare: watch });
    // As where one was needed before: without the module none can even be tried.
    await page.evaluate(() => {
      const { src } = document.querySelector('script[type="module"]');
      return import(new URL('stream.js', src).href);
    });
    const stream = page.waitForRequest(/\/stream$/);
    await server.stop();
    await banner(page).getByText('Connection lost. Reconnecting…').waitFor();
    await stream;
    server = stopLater(await startServer(server.port));
    const socket = page.waitForEvent('websocket', (socket) => !socket.isClosed());
    await button(page, 'Retry now')
      .click({ timeout: 2_000 })
      .catch(() => {});
    await socket;
    await banner(page).getByText('This session has ended on the server.').waitFor();
    assert.equal(await page.evaluate(() => sessionStorage['lf-stream']), undefined);
  });
});
