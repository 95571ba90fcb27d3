import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, examples, focused } from '../support/examples.mjs';

/** What Chromium itself says about a way that is cut. */
const UNREACHABLE = /WebSocket connection to .* failed|ERR_(CONNECTION|INTERNET)/;

examples('desk', ({ prefix, visit, tolerate }) => {
  const button = (page, name) => page.getByRole('button', { name, exact: true });
  const tab = (page, name) => page.getByRole('tab', { name, exact: true });
  /** Waits until the server has said something of its own. */
  const knows = (page, text) => page.getByText(text, { exact: true }).waitFor();
  /** Keeps what the page sends from the server, as a slow line does. */
  const offline = async (page) => {
    await page.context().setOffline(true);
    await page.evaluate(() => dispatchEvent(new Event('offline')));
  };

  test('tabs change at once, by keyboard too, and keep what was typed', async () => {
    const page = await visit(`${prefix}/desk`);
    await page.getByLabel('Note', { exact: true }).last().fill('Buy fish');
    await tab(page, 'Note').focus();
    await page.keyboard.press('ArrowRight');
    assert.equal(await focused(page), 'Numbers');
    await page.getByText('Count: 0').waitFor();
    assert.equal(await page.locator('#note').isVisible(), false);
    await knows(page, 'Now at: numbers');
    await page.keyboard.press('Home');
    assert.equal(await page.locator('#note').inputValue(), 'Buy fish');
    await knows(page, 'Now at: note');
    await page.keyboard.press('ArrowLeft');
    await knows(page, 'Now at: numbers');
    await page.reload();
    await page.getByText('Count: 0').waitFor();
    assert.equal(await tab(page, 'Numbers').getAttribute('aria-selected'), 'true');
  });

  test('clicks before the answer add up, and a refusal takes back its own', async () => {
    const page = await visit(`${prefix}/desk`);
    await tab(page, 'Numbers').click();
    await knows(page, 'Now at: numbers');
    const shown = await page.evaluate(() => {
      const named = (name) =>
        [...document.querySelectorAll('button')].find((each) => each.textContent === name);
      for (let n = 0; n < 5; n++) named('Like').click();
      for (let n = 0; n < 2; n++) named('More').click();
      // What is shown is there as soon as what was clicked has been noted, and before any answer.
      return new Promise((resolve) => {
        queueMicrotask(() => setTimeout(() => resolve(document.body.innerText)));
      });
    });
    assert.match(shown, /Count: 2/);
    await page.getByText('Likes: 3').waitFor();
    await page.getByText('Three are enough').first().waitFor();
    await page.getByText('Count: 2').waitFor();
    await eventually(() => page.locator('[lf-pending]').count(), 0);
    assert.equal(await page.getByText('Likes: 3').isVisible(), true);
  });

  test('questions open one at a time', async () => {
    const page = await visit(`${prefix}/desk`);
    const open = () => page.locator('details[open] summary').allTextContents();
    await page.getByText('Who sees this?').click();
    assert.deepEqual(await open(), ['Who sees this?']);
    await page.getByText('Why so fast?').focus();
    await page.keyboard.press('Enter');
    assert.deepEqual(await open(), ['Why so fast?']);
    await page.keyboard.press(' ');
    await eventually(open, []);
  });

  test('a dialog keeps the focus in it, and gives it back', async () => {
    const page = await visit(`${prefix}/desk`);
    const dialog = page.getByRole('dialog', { name: 'Really?' });
    await tab(page, 'Numbers').click();
    await button(page, 'More').click();
    await button(page, 'Clear').click();
    assert.equal(await dialog.isVisible(), true);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    assert.equal(await focused(page), 'Clear');
    await button(page, 'Clear').click();
    await page.reload();
    await dialog.waitFor();
    await button(page, 'Clear all').click();
    await dialog.waitFor({ state: 'hidden' });
    await page.getByText('Count: 0').waitFor();
  });

  test('a menu opens, is gone through by keyboard, and closes', async () => {
    const page = await visit(`${prefix}/desk`);
    const menu = page.getByRole('menu', { name: 'Go to' });
    await button(page, 'Go to').focus();
    await page.keyboard.press('ArrowDown');
    await menu.waitFor();
    assert.equal(await focused(page), 'The note');
    await page.keyboard.press('c');
    assert.equal(await focused(page), 'Copy the count');
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await menu.waitFor({ state: 'hidden' });
    await knows(page, 'Now at: numbers');
    await button(page, 'Go to').click();
    const [button_, list] = [await button(page, 'Go to').boundingBox(), await menu.boundingBox()];
    assert.ok(Math.abs(list.x - button_.x) < 2, 'below its button');
    await page.getByRole('menuitem', { name: 'The note' }).click();
    await page.locator('#note').waitFor();
    assert.equal(await focused(page), 'Note');
  });

  test('without a connection it still opens, and the server hears of it later', async () => {
    tolerate(UNREACHABLE);
    const page = await visit(`${prefix}/desk`);
    await offline(page);
    await tab(page, 'Numbers').click();
    await button(page, 'More').click();
    await button(page, 'More').click();
    await page.getByText('Count: 2').waitFor();
    await page.context().setOffline(false);
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await knows(page, 'Now at: numbers');
    await page.reload();
    await page.getByText('Count: 2').waitFor();
  });
});
