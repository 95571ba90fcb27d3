/** Fields of a Python app that the address or the browser has as well. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { connected, startBrowser } from '../support/browser.mjs';
import { PYTHON, startServer } from '../support/server.mjs';
import { eventually, visitors } from '../support/visitors.mjs';

describe('fields that the address or the browser has as well', () => {
  /** @type {import('playwright-core').Browser} */
  let browser;
  /** @type {Awaited<ReturnType<typeof startServer>>} */
  let server;
  before(async () => {
    server = await startServer(0, {}, `${PYTHON} tests/browser/apps/mirrored.py`);
    browser = await startBrowser();
  });
  const { visit } = visitors(
    () => browser,
    () => server.address,
  );
  after(async () => {
    await browser?.close();
    await server?.stop();
  });
  const press = (page, name) => page.getByRole('button', { name, exact: true }).click();
  const sees = (page, text) => page.getByText(text).waitFor();
  const address = (page, query) => eventually(() => new URL(page.url()).search, query);

  test('the address follows, and opens the same', async () => {
    const page = await visit('/?t=1.5&other=1');
    await sees(page, 'heat 1.5 page 1');
    await page.getByRole('slider').fill('0.3');
    await sees(page, 'heat 0.3');
    await press(page, 'Tag');
    await press(page, 'Tag');
    await sees(page, 'tags tag 0, tag 1');
    await address(page, '?other=1&t=0.3&tag=tag+0&tag=tag+1');
    if (process.env.PICTURES)
      await page.screenshot({ path: `${process.env.PICTURES}/mirrored.png` });
    const other = await visit(`/${new URL(page.url()).search}`);
    await sees(other, 'heat 0.3 page 1 tags tag 0, tag 1');
    await page.getByRole('slider').fill('0.7');
    await address(page, '?other=1&tag=tag+0&tag=tag+1');
  });

  test('a reload keeps the session, and another address begins with what it says', async () => {
    const page = await visit('/?t=1.5');
    await press(page, 'Count');
    await sees(page, 'n 1');
    await page.getByRole('slider').fill('0.3');
    await address(page, '?t=0.3');
    await page.reload();
    await connected(page);
    await sees(page, 'heat 0.3 page 1 tags n 1');
    // As people do who edit the address.
    await page.evaluate(() => location.assign('/?t=1.9'));
    await sees(page, 'heat 1.9 page 1 tags n 0');
    await connected(page);
    await sees(page, 'heat 1.9');
    await address(page, '?t=1.9');
  });

  test('back and forward go through the steps', async () => {
    const page = await visit('/');
    await press(page, 'Next');
    await address(page, '?page=2');
    await press(page, 'Next');
    await address(page, '?page=3');
    await page.goBack();
    await sees(page, 'page 2');
    await page.goBack();
    await sees(page, 'page 1');
    await address(page, '');
    await page.goForward();
    await sees(page, 'page 2');
    await address(page, '?page=2');
    await page.reload();
    await connected(page);
    await sees(page, 'page 2');
  });

  test('the browser keeps a value over visits, and in all of its tabs', async () => {
    const page = await visit('/');
    const tab = await page.context().newPage();
    await tab.goto(page.url());
    await connected(tab);
    await press(page, 'Paint');
    await sees(page, 'theme dark');
    await sees(tab, 'theme dark');
    const late = await page.context().newPage();
    await late.goto(page.url());
    await sees(late, 'theme dark');
    // Other people have other browsers.
    await sees(await visit('/'), 'theme light');
    await page.evaluate(() => localStorage.setItem('livefloe:theme', 'nonsense'));
    await late.reload();
    await sees(late, 'theme light');
  });
});
