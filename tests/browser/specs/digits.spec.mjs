import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, examples } from '../support/examples.mjs';
import { startServer } from '../support/server.mjs';

/** The way of the pen, in shares of the surface. */
const ZERO = Array.from({ length: 25 }, (_, step) => {
  const angle = (step / 24) * 2 * Math.PI;
  return [0.5 - 0.2 * Math.sin(angle), 0.5 - 0.33 * Math.cos(angle)];
});
const ONE = [
  [0.5, 0.15],
  [0.5, 0.85],
];
const SEVEN = [
  [0.3, 0.2],
  [0.7, 0.2],
  [0.45, 0.85],
];

examples('digits', ({ prefix, visit, stopLater }) => {
  const likeliest = (page) =>
    page.locator('.lf-score-name').first().textContent({ timeout: 1_000 });

  /** Moves the mouse along; the pen is still down afterwards. */
  const draw = async (page, [first, ...rest]) => {
    const { x, y, width, height } = await page.locator('lf-sketchpad canvas').boundingBox();
    const place = ([across, down]) => [x + across * width, y + down * height];
    await page.mouse.move(...place(first));
    await page.mouse.down();
    for (const point of rest) await page.mouse.move(...place(point), { steps: 10 });
  };

  /** Without a network only its absence can be looked at. */
  const open = async (context) => {
    const page = await visit(`${prefix}/digits`);
    await page.locator('lf-sketchpad canvas').waitFor();
    if ((await page.getByText('There is no network to ask').count()) === 0) return page;
    context.skip('the server under test is built without libtorch');
  };

  for (const [digit, strokes] of [
    ['0', ZERO],
    ['1', ONE],
    ['7', SEVEN],
  ]) {
    test(`a ${digit} drawn with the mouse is read as ${digit}`, async (context) => {
      const page = await open(context);
      if (!page) return;
      await draw(page, strokes);
      await page.mouse.up();
      await eventually(() => likeliest(page), digit);
      assert.equal(await page.locator('.lf-score-name').count(), 3);
    });
  }

  test('it reads while the pen is still down', async (context) => {
    const page = await open(context);
    if (!page) return;
    await draw(page, SEVEN);
    await eventually(() => likeliest(page), '7');
    await page.mouse.up();
  });

  test('a cleared surface has nothing to read', async (context) => {
    const page = await open(context);
    if (!page) return;
    await page.getByText('Draw something.').waitFor();
    await draw(page, ONE);
    await page.mouse.up();
    await page.getByText('Draw something.').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByText('Draw something.').waitFor();
  });

  test('without a network the page says why, and drawing does no harm', async () => {
    const other = stopLater(await startServer(0, { DIGITS_MODEL: 'no-such-file.pt' }));
    const page = await visit(`${prefix}/digits`, { origin: other.address });
    await page.getByText('There is no network to ask').waitFor();
    await page.getByText(/no-such-file\.pt|libtorch/).waitFor();
    await draw(page, ONE);
    await page.mouse.up();
    assert.equal(await page.locator('.lf-toast').count(), 0);
  });
});
