/** `livefloe run --reload`: a page that is open follows what is saved, keeps its state, and shows what is wrong until it is mended. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { connected, startBrowser } from '../support/browser.mjs';
import { PYTHON, startServer } from '../support/server.mjs';
import { visitors } from '../support/visitors.mjs';

/** The app, as somebody writes it. `more` is what stands in the page's function. */
const program = ({ title = 'First', more = '', step = 1, before = '' } = {}) => `
import livefloe as lf
from steps import STEP
${before}
app = lf.App("Written")

class Count(lf.State):
    value: int = 0

    def add(self) -> None:
        self.value += STEP * ${step}

@app.page("/")
def home() -> None:
    count = Count()
    lf.heading("${title}")
    lf.text(f"Count: {count.value}")
    lf.button("Add", on_click=count.add)
    lf.text_field("Note")
    ${more}
`;

/** What Chromium itself says of a connection that ends. */
const GONE = /WebSocket connection to .* failed|ERR_(CONNECTION|EMPTY|SOCKET)|status of (500|503)/;

describe('an app that is being written', () => {
  /** @type {import('playwright-core').Browser} */
  let browser;
  /** @type {string} */
  let folder;
  before(async () => {
    browser = await startBrowser();
  });
  const { visit, tolerate, stopLater } = visitors(
    () => browser,
    () => '',
  );
  after(async () => {
    await browser?.close();
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'livefloe-change-'));
    await save('steps.py', 'STEP = 1\n');
  });
  const save = (name, text) => writeFile(join(folder, name), text);

  async function start(text) {
    tolerate(GONE);
    await save('app.py', text);
    const command = `${PYTHON} -m livefloe run ${folder}/app.py --reload --port 0`;
    const server = await startServer(0, {}, command, /^.*: (http:\S+) \(Ctrl-C/);
    stopLater({
      async stop() {
        await server.stop();
        await rm(folder, { recursive: true });
      },
    });
    return server;
  }
  const heading = (page, name) => page.getByRole('heading', { name, exact: true }).waitFor();
  const overlay = (page) => page.locator('lf-problem');
  async function picture(page, name) {
    if (process.env.PICTURES)
      await page.screenshot({ path: `${process.env.PICTURES}/${name}.png` });
  }

  test('is followed by its pages, which keep what they are', async () => {
    const server = await start(program());
    const page = await visit('/', { origin: server.address });
    await page.evaluate(() => {
      window.isTheSame = true;
    });
    await page.getByRole('button', { name: 'Add' }).click();
    await page.getByText('Count: 1').waitFor();
    await page.getByLabel('Note').fill('half a thought');
    await page.getByLabel('Note').focus();
    const changes = Number(process.env.CHANGES ?? 3);
    const times = [];
    for (let n = 1; n <= changes; n++) {
      const shown = page.evaluate(
        (title) =>
          new Promise((resolve) => {
            const look = () =>
              document.querySelector('h2')?.textContent === title && resolve(Date.now());
            new MutationObserver(look).observe(document, {
              subtree: true,
              childList: true,
              characterData: true,
            });
            look();
          }),
        `Version ${n}`,
      );
      const saved = Date.now();
      await save('app.py', program({ title: `Version ${n}` }));
      times.push((await shown) - saved);
      await connected(page);
    }
    times.sort((one, other) => one - other);
    console.log(`# change to screen, ms: ${times.join(' ')}`);
    const focused = await page.evaluate(() => document.activeElement.name);
    assert.equal(focused, await page.getByLabel('Note').getAttribute('name'));
    // A module that the app imports, and saved twice within a second, at the same size.
    await save('steps.py', 'STEP = 5\n');
    await save('steps.py', 'STEP = 7\n');
    for (;;) {
      const before = await page.getByText('Count:').textContent();
      await page.getByRole('button', { name: 'Add' }).click();
      await page.waitForFunction((text) => !document.body.textContent.includes(text), before);
      const now = await page.getByText('Count:').textContent();
      const step = Number(now.slice(7)) - Number(before.slice(7));
      if (step === 7) break;
      assert.equal(step, 1);
    }
    assert.equal(await page.getByLabel('Note').inputValue(), 'half a thought');
    assert.equal(await page.evaluate(() => window.isTheSame), true, 'it was not loaded again');
    await picture(page, 'reloaded');
  });

  test('shows what is wrong with it until that is mended', async () => {
    const server = await start(program());
    const page = await visit('/', { origin: server.address });
    await page.getByRole('button', { name: 'Add' }).click();
    await page.getByText('Count: 1').waitFor();
    const cases = [
      [{ more: 'lf.text("a" "b"' }, 'SyntaxError', "'(' was never closed", /app\.py:\d+/],
      [{ before: 'raise ValueError("no")' }, 'ValueError: no', 'raise ValueError', /app\.py:4/],
      [
        { before: 'import nothing_of_the_kind' },
        'ModuleNotFoundError',
        'nothing_of_the_kind',
        /app\.py:4/,
      ],
      [{ before: 'import broken' }, 'SyntaxError', '1 +', /broken\.py:1/],
      [{ more: 'lf.text(1 / 0)' }, 'ZeroDivisionError', 'mended', /app\.py:\d+, in home/],
    ];
    await save('broken.py', '1 +\n');
    for (const [change, message, detail, place] of cases) {
      await save('app.py', program({ title: 'Broken', ...change }));
      await overlay(page).getByText(message).first().waitFor();
      const said = await overlay(page).evaluate((element) => element.shadowRoot.textContent);
      for (const part of [detail, place])
        assert.match(
          said,
          part instanceof RegExp ? part : new RegExp(part.replace(/[+()]/g, '\\$&')),
        );
      // What was shown is there, and its session.
      await heading(page, 'First');
      if (message !== 'ZeroDivisionError') {
        // And works.
        const before = Number((await page.getByText('Count:').textContent()).slice(7));
        await page.getByRole('button', { name: 'Add' }).evaluate((button) => button.click());
        await page.getByText(`Count: ${before + 1}`).waitFor();
      }
      await picture(page, `overlay-${message.split(':')[0]}`);
    }
    await save('app.py', program({ title: 'Mended' }));
    await heading(page, 'Mended');
    await overlay(page).waitFor({ state: 'detached' });
    await connected(page);
    await page.getByText('Count: 5').waitFor();
    await page.getByRole('button', { name: 'Add' }).click();
    await page.getByText('Count: 6').waitFor();
  });

  test('may begin with a mistake', async () => {
    await save('app.py', '');
    tolerate(GONE);
    await save('app.py', program({ before: 'import' }));
    const command = `${PYTHON} -m livefloe run ${folder}/app.py --reload --port 0`;
    const server = stopLater(
      await startServer(0, {}, command, /waiting for a change at (http:\S+)/),
    );
    const page = await visit('/any/page', { origin: server.address });
    await overlay(page).getByText('SyntaxError').first().waitFor();
    await page.goto(`${server.address}/`);
    await overlay(page).getByText('SyntaxError').first().waitFor();
    await save('app.py', program());
    await heading(page, 'First');
    await overlay(page).waitFor({ state: 'detached' });
    // One that fails when it is opened comes by itself as well.
    await save('app.py', program({ more: 'lf.text(1 / 0)' }));
    const other = await visit('/', { origin: server.address, connects: false });
    await other.getByText('ZeroDivisionError').first().waitFor();
    await save('app.py', program({ title: 'Mended' }));
    await heading(other, 'Mended');
    await heading(page, 'Mended');
  });
});
