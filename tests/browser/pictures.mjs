/** Takes the pictures of the examples' README, of the server that `BROWSER_TEST_SERVER` starts: `npm run pictures`. */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { connected, startBrowser } from './support/browser.mjs';
import { reduce } from './support/png.mjs';
import { languages, startServer } from './support/server.mjs';

const MAX_BYTES = 60_000;
const FOLDER = new URL('../../examples/pictures/', import.meta.url);
const [{ prefix }] = languages;

/** What is done on each page before its picture is taken. @type {Record<string, (page: import('playwright-core').Page) => Promise<void>>} */
const SCENES = {
  async index() {},
  async counter(page) {
    await page.getByRole('slider').fill('3');
    await page.getByRole('button', { name: '+3' }).click();
    await page.getByRole('button', { name: 'Add 3' }).first().click();
    await page.getByRole('heading', { name: 'Apples: 3' }).waitFor();
  },
  async todo(page) {
    for (const text of ['Check the ice', 'Sharpen the skates', 'Pack the thermos']) {
      await page.getByLabel('New task').fill(text);
      await page.keyboard.press('Enter');
      await page.getByRole('checkbox', { name: text }).waitFor();
    }
    await page.getByRole('checkbox').first().check();
    await page.getByText('2 tasks left').waitFor();
  },
  async room(page) {
    const guest = await page.context().newPage();
    await guest.goto(page.url());
    await connected(guest);
    for (const [visitor, name] of [
      [page, 'Ada'],
      [guest, 'Grace'],
    ]) {
      await visitor.getByLabel('Your name').fill(name);
      await visitor.keyboard.press('Enter');
      await visitor.getByPlaceholder('Say something').waitFor();
    }
    for (const [visitor, text] of [
      [page, 'Is the ice thick enough?'],
      [guest, 'For skating, yes. Keep away from the pier.'],
    ]) {
      await visitor.getByPlaceholder('Say something').fill(text);
      await visitor.keyboard.press('Enter');
      await page.getByText(text).waitFor();
    }
    await page.getByText('Here: Ada, Grace').waitFor();
  },
  async signup(page) {
    await page.getByLabel('Username').fill('ada');
    await page.getByLabel('E-mail').fill('ada@');
    await page.getByText('This name is taken.').waitFor();
  },
  async digits(page) {
    const { x, y, width, height } = await page.locator('canvas').boundingBox();
    const move = (across, down, steps = 10) =>
      page.mouse.move(x + across * width, y + down * height, { steps });
    await move(0.3, 0.2);
    await page.mouse.down();
    await move(0.7, 0.2);
    await move(0.45, 0.85);
    await page.mouse.up();
    await page.locator('.lf-score-name').first().waitFor();
  },
};

const server = await startServer();
const browser = await startBrowser();
try {
  for (const [name, act] of Object.entries(SCENES)) {
    const page = await (
      await browser.newContext({
        viewport: { width: 760, height: 400 },
        // The index is twice as high as the others.
        deviceScaleFactor: name === 'index' ? 1.5 : 2,
        reducedMotion: 'reduce',
        bypassCSP: true,
      })
    ).newPage();
    const path = { index: '/', room: `${prefix}/room/harbour` }[name] ?? `${prefix}/${name}`;
    await page.goto(server.address + path);
    await connected(page);
    await act(page);
    const file = fileURLToPath(new URL(`${name}.png`, FOLDER));
    // Flat, since a gradient is most of what the file would hold.
    const style = 'body { background: var(--lf-paper) } .lf-card { box-shadow: none }';
    const picture = reduce(await page.screenshot({ fullPage: true, style }));
    if (picture.length > MAX_BYTES) throw new Error(`${name} takes ${picture.length} bytes`);
    await writeFile(file, picture);
    await page.context().close();
  }
} finally {
  await browser.close();
  await server.stop();
}
