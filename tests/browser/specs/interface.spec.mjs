/** A page made of a function's annotations. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startBrowser } from '../support/browser.mjs';
import { PYTHON, startServer } from '../support/server.mjs';
import { eventually, visitors } from '../support/visitors.mjs';

describe('an interface', () => {
  /** @type {import('playwright-core').Browser} */
  let browser;
  /** @type {Awaited<ReturnType<typeof startServer>>} */
  let server;
  before(async () => {
    server = await startServer(0, {}, `${PYTHON} tests/browser/apps/interface.py`);
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
  const run = (page) => page.getByRole('button', { name: 'Run' }).click();
  const result = (page) => page.getByRole('region', { name: 'Result' });

  test('an example fills the form also after somebody has typed, and the result streams', async () => {
    const page = await visit('/');
    const text = page.getByLabel('Text');
    await page.getByRole('button', { name: /first/ }).click();
    await eventually(() => text.inputValue(), 'first');
    await text.fill('typed');
    await page.getByRole('slider').fill('3');
    await page.getByRole('button', { name: /first/ }).click();
    await eventually(() => text.inputValue(), 'first');
    await eventually(() => page.getByRole('slider').inputValue(), '4');
    await run(page);
    await result(page).getByText('first first first first', { exact: true }).waitFor();
  });

  test('what does not fit is said at the field, and what was typed stays', async () => {
    const page = await visit('/');
    await page.getByLabel('Note').fill('keep me');
    await page.getByLabel('Text').fill('bad');
    await run(page);
    await page.getByText('is not allowed').waitFor();
    assert.equal(await page.getByLabel('Text').inputValue(), 'bad');
    assert.equal(await page.getByLabel('Note').inputValue(), 'keep me');
    assert.equal(await page.getByLabel('Text').getAttribute('aria-invalid'), 'true');
    await page.getByLabel('Text').fill('good');
    await run(page);
    await result(page).getByText('good good', { exact: true }).waitFor();
    await page.getByText('is not allowed').waitFor({ state: 'detached' });
  });

  test('what runs can be cancelled, keeps what it has shown, and is there after a reload', async () => {
    const page = await visit('/');
    await page.getByLabel('Text').fill('slow');
    await run(page);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Cancel' }).waitFor({ state: 'detached' });
    await page.reload();
    await result(page).getByText('slow slow', { exact: true }).waitFor();
    assert.equal(await page.getByLabel('Text').inputValue(), 'slow');
  });

  test('a live one runs while somebody types, and takes nothing from them', async () => {
    const page = await visit('/live');
    await page.getByLabel('Text').fill('');
    await page.getByLabel('Text').pressSequentially('good morning', { delay: 20 });
    await result(page).getByText('GOOD MORNING!', { exact: true }).waitFor();
    assert.equal(await page.getByLabel('Text').inputValue(), 'good morning');
  });
});
