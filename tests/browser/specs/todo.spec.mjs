import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, examples, focused } from '../support/examples.mjs';

examples('todo', ({ prefix, visit }) => {
  const button = (page, name) => page.getByRole('button', { name, exact: true });
  const task = (page, name) => page.getByRole('checkbox', { name, exact: true });
  const shown = (page, ...texts) =>
    eventually(
      () =>
        page
          .getByRole('listitem')
          .getByRole('checkbox')
          .evaluateAll((boxes) => boxes.map((box) => box.labels[0]?.textContent.trim())),
      texts,
    );

  /** Visits with some tasks in the list. */
  const list = async (...texts) => {
    const page = await visit(`${prefix}/todo`);
    for (const text of texts) {
      await page.getByLabel('New task').fill(text);
      await button(page, 'Add').click();
      await task(page, text).waitFor();
    }
    return page;
  };

  test('a task is added by keyboard, and the field is empty for the next', async () => {
    const page = await visit(`${prefix}/todo`);
    await page.getByText('Nothing to show.').waitFor();
    await page.getByText('0 tasks left').waitFor();
    const field = page.getByLabel('New task');
    await field.focus();
    await page.keyboard.type('Skate');
    await page.keyboard.press('Enter');
    await task(page, 'Skate').waitFor();
    await page.getByText('1 task left').waitFor();
    await eventually(() => field.inputValue(), '');
    await page.keyboard.type('Fish');
    await page.keyboard.press('Enter');
    await shown(page, 'Skate', 'Fish');
  });

  test('a task without words is refused next to its field, and stays typed', async () => {
    const page = await visit(`${prefix}/todo`);
    const field = page.getByLabel('New task');
    await field.fill('   ');
    await field.press('Enter');
    await page.getByText('Say what there is to do.').waitFor();
    assert.equal(await field.getAttribute('aria-invalid'), 'true');
    assert.equal(await field.inputValue(), '   ');
    await field.fill('Skate');
    await field.press('Enter');
    await shown(page, 'Skate');
    await page.getByText('Say what there is to do.').waitFor({ state: 'detached' });
  });

  test('text is text, whatever it looks like', async () => {
    const text = '<img src=x onerror=alert(1)> & "so" on';
    const page = await list(text);
    assert.equal(await page.locator('img').count(), 0);
    await button(page, `Remove ${text}`).click();
    await page.getByText('Nothing to show.').waitFor();
  });

  test('what is done can be filtered and cleared', async () => {
    const page = await list('Skate', 'Fish', 'Camp');
    await task(page, 'Fish').check();
    await page.getByText('2 tasks left').waitFor();
    await page.getByRole('radio', { name: 'Active' }).check();
    await shown(page, 'Skate', 'Camp');
    await page.getByRole('radio', { name: 'Done' }).check();
    await shown(page, 'Fish');
    await button(page, 'Clear done').click();
    await page.getByText('Nothing to show.').waitFor();
    await page.getByRole('radio', { name: 'All' }).check();
    await shown(page, 'Skate', 'Camp');
    assert.ok(await button(page, 'Clear done').isDisabled());
  });

  test('a tick is taken back by another click', async () => {
    const page = await list('Skate');
    await task(page, 'Skate').check();
    await page.getByText('0 tasks left').waitFor();
    await task(page, 'Skate').uncheck();
    await page.getByText('1 task left').waitFor();
    assert.ok(!(await task(page, 'Skate').isChecked()));
  });

  test('a task that moves is the same element, with its focus', async () => {
    const page = await list('Skate', 'Fish', 'Camp');
    const row = (name) => page.getByRole('listitem').filter({ has: task(page, name) });
    await row('Camp').evaluate((element) => {
      element.isTheSame = true;
    });
    await button(page, 'Move Camp up').focus();
    await page.keyboard.press('Enter');
    await shown(page, 'Skate', 'Camp', 'Fish');
    await page.keyboard.press('Enter');
    await shown(page, 'Camp', 'Skate', 'Fish');
    await page.keyboard.press('Enter');
    assert.ok(await row('Camp').evaluate((element) => element.isTheSame));
    await eventually(() => focused(page), 'Move Camp up');
    await button(page, 'Move Camp down').click();
    await shown(page, 'Skate', 'Camp', 'Fish');
  });

  test('a task moves past those that the filter hides', async () => {
    const page = await list('Skate', 'Fish', 'Camp');
    await task(page, 'Fish').check();
    await page.getByRole('radio', { name: 'Active' }).check();
    await shown(page, 'Skate', 'Camp');
    await button(page, 'Move Camp up').click();
    await shown(page, 'Camp', 'Skate');
    await page.getByRole('radio', { name: 'All' }).check();
    await shown(page, 'Camp', 'Fish', 'Skate');
  });

  test('what is being typed survives changes elsewhere', async () => {
    const page = await list('Skate', 'Fish');
    await page.getByLabel('New task').fill('Half a thou');
    await button(page, 'Remove Skate').click();
    await shown(page, 'Fish');
    assert.equal(await page.getByLabel('New task').inputValue(), 'Half a thou');
  });
});
