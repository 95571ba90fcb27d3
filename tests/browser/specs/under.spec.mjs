/** An app that browsers have under a path: nginx takes the path off or leaves it on, and the app knows of it in several ways or in none. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { connected, startBrowser } from '../support/browser.mjs';
import { startNginx } from '../support/nginx.mjs';
import { startProxy } from '../support/proxy.mjs';
import { PYTHON, startServer } from '../support/server.mjs';
import { visitors } from '../support/visitors.mjs';

const UNDER = '/tools/live';
/** What the manual says to nginx. */
const DOCS = new URL('../../../docs/deploying.md', import.meta.url);

describe('under a path', () => {
  /** @type {import('playwright-core').Browser} */
  let browser;
  before(async () => {
    browser = await startBrowser();
  });
  const { visit, stopLater, tolerate } = visitors(
    () => browser,
    () => '',
  );
  after(async () => {
    await browser?.close();
  });

  /** A server behind nginx; gives what browsers ask. `to` ends in a slash where nginx takes the path off. */
  async function serve(environment, to, more = '') {
    const server = stopLater(
      await startServer(0, environment, `${PYTHON} tests/browser/apps/under.py`),
    );
    const [, block] = /```nginx\n(.*?)```/s.exec(await readFile(DOCS, 'utf8'));
    const locations = block
      .replace('http://127.0.0.1:8000', `http://127.0.0.1:${server.port}${to}`)
      .replace('{', `{ ${more}`);
    assert.match(locations, new RegExp(`^location ${UNDER}/ \\{.*:${server.port}${to};`, 's'));
    const nginx = stopLater(await startNginx(server.port, { locations }));
    return stopLater(await startProxy(nginx.path)).address;
  }
  const button = (page, name) => page.getByRole('button', { name, exact: true });

  /** Acts, loads again, follows links, and is led to another page. */
  async function walk(origin, picture = 'under') {
    let nSockets = 0;
    const prepare = async (page) => void page.on('websocket', () => nSockets++);
    const page = await visit(`${UNDER}/`, { origin, prepare });
    await button(page, '+1').click();
    await page.getByText('Count: 1').waitFor();
    assert.equal(nSockets, 1, 'a socket and no stream');
    await page.reload();
    await connected(page);
    await page.getByText('Count: 1').waitFor();
    await page.getByRole('link', { name: 'Attic' }).click();
    await page.getByRole('heading', { name: 'attic' }).waitFor();
    assert.equal(new URL(page.url()).pathname, `${UNDER}/room/attic`);
    await connected(page);
    await page.getByRole('link', { name: 'Home' }).click();
    await page.getByRole('heading', { name: 'Home' }).waitFor();
    await connected(page);
    await button(page, 'Leave').click();
    await page.getByRole('heading', { name: 'cellar' }).waitFor();
    assert.equal(page.url(), `${origin}${UNDER}/room/cellar?from=home`);
    if (process.env.PICTURES)
      await page.screenshot({ path: `${process.env.PICTURES}/${picture}.png` });
    const plain = await visit(`${UNDER}/`, { origin, javaScriptEnabled: false });
    await button(plain, '+1').click();
    await plain.getByText('Count: 1').waitFor();
    await button(plain, 'Leave').click();
    await plain.getByRole('heading', { name: 'cellar' }).waitFor();
    assert.equal(plain.url(), `${origin}${UNDER}/room/cellar?from=home`);
  }

  const forwarded = `proxy_set_header X-Forwarded-Prefix ${UNDER};`;
  for (const [what, environment, to, more] of [
    ['an app that says so, where nginx takes it off', { PREFIX: UNDER }, '/'],
    ['an app that says so, where nginx leaves it on', { PREFIX: UNDER }, ''],
    ['an app that is told by a proxy that it believes', { PROXIES: '127.0.0.1' }, '/', forwarded],
  ]) {
    test(what, async () => walk(await serve(environment, to, more)));
  }

  test('an app that is mounted in one of FastAPI', async () => {
    const server = stopLater(await startServer(0, {}, `${PYTHON} tests/browser/apps/mounted.py`));
    await walk(server.address, 'mounted');
    const page = await visit('/', { origin: server.address });
    await page.getByRole('link', { name: 'The app' }).click();
    await connected(page);
    await button(page, '+1').click();
    await page.getByText('Count: 1').waitFor();
    const lost = page.getByText('Connection lost. Reconnecting…');
    tolerate(/WebSocket connection to .* failed|ERR_(CONNECTION|EMPTY|SOCKET)/);
    await server.stop();
    await lost.waitFor();
  });

  test('an app that nobody has told has pages that work', async () => {
    const origin = await serve({}, '/');
    const page = await visit(`${UNDER}/room/attic`, { origin });
    await page.getByRole('heading', { name: 'attic' }).waitFor();
    await page.goto(`${origin}${UNDER}/`);
    await connected(page);
    await button(page, '+1').click();
    await page.getByText('Count: 1').waitFor();
  });
});
