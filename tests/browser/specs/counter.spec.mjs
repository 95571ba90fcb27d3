import { test } from 'node:test';
import { eventually, examples, focused } from '../support/examples.mjs';

examples('counter', ({ prefix, visit, openTab }) => {
  const button = (page, name) => page.getByRole('button', { name, exact: true });
  const count = (page, number) =>
    page.getByRole('heading', { name: `Count: ${number}`, exact: true }).waitFor();
  const tally = (page, text) => page.getByRole('heading', { name: text, exact: true }).waitFor();

  test('the first page is whole without scripts', async () => {
    const page = await visit(`${prefix}/counter`, { javaScriptEnabled: false });
    await count(page, 0);
    await tally(page, 'Apples: 0');
  });

  test('clicks count up, down and back to zero', async () => {
    const page = await visit(`${prefix}/counter`);
    await button(page, '+1').click();
    await button(page, '+1').click();
    await count(page, 2);
    await eventually(() => page.title(), 'Counter: 2');
    await button(page, '−1').click();
    await count(page, 1);
    await button(page, 'Reset').click();
    await count(page, 0);
  });

  test('clicks that come faster than answers all count', async () => {
    const page = await visit(`${prefix}/counter`);
    await button(page, '+1').evaluate((element) => {
      for (let click = 0; click < 50; click++) element.click();
    });
    await count(page, 50);
  });

  test('children take the step from the page and keep their own count', async () => {
    const page = await visit(`${prefix}/counter`);
    await page.getByRole('slider', { name: 'Step' }).fill('3');
    await button(page, 'Add 3').first().click();
    await tally(page, 'Apples: 3');
    await page.getByRole('slider', { name: 'Step' }).fill('5');
    await button(page, 'Add 5').last().click();
    await tally(page, 'Pears: 5');
    await tally(page, 'Apples: 3');
    await count(page, 0);
    await button(page, '+5').click();
    await button(page, 'Reset').click();
    await count(page, 0);
    await tally(page, 'Apples: 3');
  });

  test('works by keyboard, and the focus stays where it is', async () => {
    const page = await visit(`${prefix}/counter`);
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowRight');
    await button(page, '+2').waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await count(page, 2);
    await page.keyboard.press('Space');
    await count(page, 4);
    await eventually(() => focused(page), '+2');
  });

  test('two tabs have a state each', async () => {
    const one = await visit(`${prefix}/counter`);
    const other = await openTab(one, `${prefix}/counter`);
    await button(one, '+1').click();
    await count(one, 1);
    await button(other, '−1').click();
    await count(other, -1);
    await count(one, 1);
  });
});
