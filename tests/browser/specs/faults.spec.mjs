import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, examples } from '../support/examples.mjs';

examples('faults', ({ prefix, visit }) => {
  const click = (page, name) => page.getByRole('button', { name, exact: true }).click();
  const count = (page, number) => page.getByText(`Count: ${number}`, { exact: true }).waitFor();
  const toast = (page, text) => page.locator('#lf-toasts').getByText(text).waitFor();

  for (const [name, message] of [
    ['Panic', /the ice broke|Something went wrong/],
    ['Error', /the ice is too thin|Something went wrong/],
    ['Break the page', /the ice broke while rendering|Something went wrong/],
  ]) {
    test(`"${name}" is told, undone, and the page lives on`, async () => {
      const page = await visit(`${prefix}/faults`);
      await click(page, 'Count');
      await count(page, 1);
      await click(page, name);
      await toast(page, message);
      await click(page, 'Count');
      await count(page, 2);
    });
  }

  test('a task that fails later is told and undone as well', async () => {
    const page = await visit(`${prefix}/faults`);
    await click(page, 'Fail later');
    await toast(page, /the ice melted|Something went wrong/);
    await click(page, 'Count');
    await count(page, 2);
  });

  test('a message can be dismissed', async () => {
    const page = await visit(`${prefix}/faults`);
    await click(page, 'Error');
    await page.getByRole('button', { name: 'Dismiss' }).click();
    await eventually(() => page.locator('.lf-toast').count(), 0);
  });

  test('while a handler takes its time the page says so, and what comes after it waits', async () => {
    const page = await visit(`${prefix}/faults`);
    // The mark is there for less than a second, so the page itself has to look out for it.
    const marked = page.evaluate(
      () =>
        new Promise((resolve) => {
          const observer = new MutationObserver(() => {
            const button = document.querySelector('button[lf-pending]');
            if (button) resolve(button.textContent);
          });
          observer.observe(document.body, { subtree: true, attributes: true });
        }),
    );
    await click(page, 'Take a while');
    assert.match(await marked, /Take a while/);
    await click(page, 'Count');
    await count(page, 11);
    await eventually(() => page.locator('[lf-pending]').count(), 0);
  });

  test('what does not fit its type is refused next to its field', async () => {
    const page = await visit(`${prefix}/faults`);
    await click(page, 'Add');
    await eventually(() => page.getByLabel('Amount').getAttribute('aria-invalid'), 'true');
    await page.getByLabel('Amount').fill('4');
    await click(page, 'Add');
    await count(page, 4);
    assert.equal(await page.getByLabel('Amount').getAttribute('aria-invalid'), null);
  });
});
