/**
 * Tries a notebook in a real JupyterLab, by hand: `node notebook/trial.mjs JUPYTER_LAB`, where that is the program of a virtual environment in which jupyterlab,
 * jupyter-server-proxy and livefloe are installed. Not one of the tests, since that takes 200 MB. `PICTURES` says where to put pictures.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startBrowser } from '../support/browser.mjs';

const app = (step, text) => `import livefloe as lf

class Count(lf.State):
    value: int = 0

    def add(self) -> None:
        self.value += ${step}

app = lf.App("Counting")

@app.page("/")
def home() -> None:
    count = Count()
    lf.heading("${text}")
    lf.text(f"Count: {count.value}")
    lf.button("Add", on_click=count.add)
    lf.link("Room", "/room")

@app.page("/room")
def room() -> None:
    lf.heading("Room")
    lf.link("Home", "/")
`;
const cell = (id, source) => ({
  id,
  cell_type: 'code',
  source,
  metadata: {},
  outputs: [],
  execution_count: null,
});
const notebook = (show) => ({
  cells: [cell('first', app(1, 'First')), cell('second', show)],
  metadata: { kernelspec: { name: 'python3', display_name: 'Python 3', language: 'python' } },
  nbformat: 4,
  nbformat_minor: 5,
});

const folder = await mkdtemp(join(tmpdir(), 'livefloe-notebook-'));
const jupyter = spawn(
  process.argv[2],
  [
    '--no-browser',
    '--allow-root',
    '--ip=127.0.0.1',
    '--port=0',
    '--IdentityProvider.token=',
    '--ServerApp.base_url=/user/ada/',
    `--ServerApp.root_dir=${folder}`,
  ],
  { stdio: ['ignore', 'ignore', 'pipe'], cwd: folder },
);
const exit = once(jupyter, 'exit');
const origin = await new Promise((resolve, reject) => {
  exit.then(() => reject(new Error('Jupyter ended')));
  createInterface({ input: jupyter.stderr }).on('line', (line) => {
    if (process.env.LOUD) console.log(line);
    const found = line.match(/(http:\/\/127\.0\.0\.1:\d+)\/user/)?.[1];
    if (found) resolve(found);
  });
});
const browser = await startBrowser();
try {
  for (const [name, show] of [
    ['direct', 'app.show(height=320)'],
    ['proxied', 'app.show(height=320, proxy="/user/ada/proxy/{port}")'],
  ]) {
    await writeFile(join(folder, `${name}.ipynb`), JSON.stringify(notebook(show)));
    const page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
    page.setDefaultTimeout(10_000);
    const complaints = [];
    page.on('console', (message) => {
      if (message.type() === 'error' && /frame|livefloe|Content Security/i.test(message.text()))
        complaints.push(message.text());
    });
    const picture = async (what) => {
      const { PICTURES } = process.env;
      if (PICTURES) await page.screenshot({ path: `${PICTURES}/notebook-${name}-${what}.png` });
    };
    await page.goto(`${origin}/user/ada/lab/tree/${name}.ipynb?reset`);
    const cells = page.locator('.jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell');
    await cells.nth(1).waitFor({ timeout: 60_000 });
    await page
      .getByText('Python 3 (ipykernel) | Idle')
      .or(page.getByText('| Idle'))
      .first()
      .waitFor({ timeout: 60_000 });
    const run = async (index) => {
      await cells.nth(index).locator('.cm-content').click();
      await page.keyboard.press('Control+Enter');
    };
    await run(0);
    await run(1);
    const frame = page.frameLocator('.jp-OutputArea iframe');
    const add = frame.getByRole('button', { name: 'Add' });
    await frame.getByRole('heading', { name: 'First' }).waitFor({ timeout: 30_000 });
    for (let count = 1; count <= 3; count++) {
      await add.click();
      await frame.getByText(`Count: ${count}`).waitFor();
    }
    await picture('shown');
    // Run again: a new frame, which goes on.
    const src = await page.locator('.jp-OutputArea iframe').getAttribute('src');
    await run(1);
    await frame.getByText('Count: 3').waitFor();
    await add.click();
    await frame.getByText('Count: 4').waitFor();
    assert.equal(await page.locator('.jp-OutputArea iframe').getAttribute('src'), src);
    // The cell with the code is changed and run: the frame that is there follows, and keeps its state.
    await cells.nth(0).locator('.cm-content').click();
    await page.keyboard.press('Control+A');
    await page.keyboard.insertText(app(10, 'Second'));
    await page.keyboard.press('Control+Enter');
    await run(1);
    await frame
      .getByRole('heading', { name: 'Second' })
      .waitFor()
      .finally(() => picture('changed'));
    await frame.getByText('Count: 4').waitFor();
    await add.click();
    await frame.getByText('Count: 14').waitFor();
    await frame.getByRole('link', { name: 'Room' }).click();
    await frame.getByRole('heading', { name: 'Room' }).waitFor();
    await frame.getByRole('link', { name: 'Home' }).click();
    await frame.getByRole('heading', { name: 'Second' }).waitFor();
    await picture('again');
    // What was framed shows in no other page's frame.
    assert.deepEqual(complaints, []);
    const stranger = await browser.newPage();
    const address = new URL(src, `${origin}/user/ada/`).href;
    const inner = address.replace(/\/[\w-]{32}\//, '/');
    await stranger.route('http://evil.test/', (route) =>
      route.fulfill({ contentType: 'text/html', body: `<iframe src="${inner}"></iframe>` }),
    );
    await stranger.goto('http://evil.test/');
    assert.equal(stranger.frames()[1].url(), 'chrome-error://chromewebdata/');
    await stranger.close();
    await page.close();
    console.log(`${name}: as expected (${src})`);
  }
} finally {
  await browser.close();
  jupyter.kill('SIGKILL');
  await exit.catch(() => {});
  await rm(folder, { recursive: true, force: true });
}
