/** Without script: forms and buttons are posted, and the answer is the page. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connected } from '../support/browser.mjs';
import { examples } from '../support/examples.mjs';

const PLAIN = { javaScriptEnabled: false };

examples('without script', ({ prefix, visit }) => {
  const button = (page, name) => page.getByRole('button', { name, exact: true });

  test('a counter counts, in each tab for itself, and once when it is loaded again', async () => {
    const page = await visit(`${prefix}/counter`, PLAIN);
    for (const count of [1, 2, 3]) {
      await button(page, '+1').click();
      await page.getByRole('heading', { name: `Count: ${count}` }).waitFor();
    }
    await page.reload();
    await page.getByRole('heading', { name: 'Count: 3' }).waitFor();
    const tab = await page.context().newPage();
    await tab.goto(page.url());
    await button(tab, '+1').click();
    await tab.getByRole('heading', { name: 'Count: 1' }).waitFor();
    await button(page, '−1').click();
    await page.getByRole('heading', { name: 'Count: 2' }).waitFor();
  });

  test('tasks are added, and what is wrong is said', async () => {
    const page = await visit(`${prefix}/todo`, PLAIN);
    for (const [n, task] of ['One', 'Two'].entries()) {
      await page.getByLabel('New task').fill(task);
      await button(page, 'Add').click();
      await page
        .getByText(`${n + 1} task`)
        .first()
        .waitFor();
    }
    assert.equal(await page.getByRole('listitem').count(), 2);
    await button(page, 'Remove One').click();
    await page.getByText('1 task left').waitFor();
    await button(page, 'Add').click();
    await page.getByText('1 task left').waitFor();
    assert.equal(await page.getByRole('listitem').count(), 1);
  });

  test('a form that is refused keeps what was entered, and says where it is wrong', async () => {
    const page = await visit(`${prefix}/signup`, PLAIN);
    await page.getByLabel('E-mail').fill('ada@example');
    await button(page, 'Sign up').click();
    await page.waitForLoadState();
    assert.equal(await page.getByLabel('E-mail').inputValue(), 'ada@example');
    assert.notEqual(await page.locator('.lf-field-error').count(), 0);
  });

  test('a click before the script has loaded counts, and the script goes on from there', async () => {
    let release;
    const released = new Promise((resolve) => {
      release = resolve;
    });
    const prepare = (page) =>
      page.route(/\.js$/, (route) => released.then(() => route.continue()).catch(() => {}));
    const page = await visit(`${prefix}/counter`, { prepare, connects: false });
    await button(page, '+1').click({ noWaitAfter: true });
    await page.getByRole('heading', { name: 'Count: 1' }).waitFor();
    release();
    await connected(page);
    assert.equal(await page.locator('[lf-post]').count(), 0);
    await button(page, '+1').click();
    await page.getByRole('heading', { name: 'Count: 2' }).waitFor();
    await page.reload();
    await connected(page);
    await page.getByRole('heading', { name: 'Count: 2' }).waitFor();
  });
});
