/** A chat: keys, following what comes, stopping, and what is there after a reload. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startBrowser } from '../support/browser.mjs';
import { PYTHON, startServer } from '../support/server.mjs';
import { eventually, visitors } from '../support/visitors.mjs';

describe('a chat', () => {
  /** @type {import('playwright-core').Browser} */
  let browser;
  /** @type {Awaited<ReturnType<typeof startServer>>} */
  let server;
  before(async () => {
    server = await startServer(0, {}, `${PYTHON} tests/browser/apps/chat.py`);
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
  const field = (page) => page.getByRole('textbox', { name: 'Message' });
  const send = (page) => page.getByRole('button', { name: 'Send' });
  const stop = (page) => page.getByRole('button', { name: 'Stop' });
  /** How far the list is from its end. */
  const away = (page) =>
    page
      .locator('.lf-chat-log')
      .evaluate((log) => Math.round(log.scrollHeight - log.scrollTop - log.clientHeight));

  test('Enter sends, Shift and Enter begin a new line, and empty text is not sent', async () => {
    const page = await visit('/');
    await page.locator('lf-chat:defined').waitFor();
    await field(page).press('Enter');
    await field(page).fill('short');
    await field(page).press('Shift+Enter');
    assert.equal(await field(page).inputValue(), 'short\n');
    await field(page).press('Enter');
    await page.locator('.lf-message-other strong').getByText('short').waitFor();
    await eventually(() => field(page).inputValue(), '');
    assert.equal(await page.getByRole('article').count(), 2);
  });

  test('the page follows what comes, but not where the reader has gone back', async () => {
    const page = await visit('/', { viewport: { width: 800, height: 500 } });
    await page.locator('lf-chat:defined').waitFor();
    await field(page).fill('long');
    await field(page).press('Enter');
    await page.getByText('Line 59 of').waitFor();
    await send(page).waitFor();
    await eventually(() => away(page).then((far) => far < 3), true);
    await field(page).fill('endless');
    await field(page).press('Enter');
    await stop(page).waitFor();
    const latest = page.getByRole('button', { name: 'Go to the latest message' });
    await latest.waitFor({ state: 'hidden' });
    await page.locator('.lf-chat-log').evaluate((log) => log.scrollTo(0, 40));
    await latest.waitFor();
    const height = () => page.locator('.lf-chat-log').evaluate((log) => log.scrollHeight);
    const before = await height();
    await eventually(() => height().then((now) => now > before + 200), true);
    assert.equal(await page.locator('.lf-chat-log').evaluate((log) => log.scrollTop), 40);
    await latest.click();
    await eventually(() => away(page).then((far) => far < 48), true);
    // What is typed meanwhile is not sent, and stays.
    await field(page).fill('next');
    await field(page).press('Enter');
    assert.equal(await field(page).inputValue(), 'next');
    await stop(page).click();
    await send(page).waitFor();
    assert.equal(await field(page).inputValue(), 'next');
  });

  test('a message is edited in its place, and all is there after a reload', async () => {
    const page = await visit('/');
    await page.getByRole('button', { name: 'short' }).click();
    await page.locator('.lf-message-other strong').waitFor();
    await page.getByRole('button', { name: 'Edit' }).click();
    const edited = page.getByRole('article').first().getByRole('textbox');
    assert.equal(await edited.inputValue(), 'short');
    await edited.fill('long');
    await edited.press('Enter');
    await page.getByText('Line 59 of').waitFor();
    await send(page).waitFor();
    await page.reload();
    await page.getByText('Line 59 of').waitFor();
    assert.equal(await page.getByRole('article').count(), 2);
  });
});
