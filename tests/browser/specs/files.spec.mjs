/** Controls for files: chosen, dropped, pasted, shown while they are sent, over lost connections, and what is refused. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startBrowser } from '../support/browser.mjs';
import { startProxy } from '../support/proxy.mjs';
import { CASES, startServer } from '../support/server.mjs';
import { eventually, visitors } from '../support/visitors.mjs';

/** What Chromium itself says about requests that fail or are refused. */
const FAILED = /Failed to load resource|WebSocket connection to .* failed|ERR_/;

/** Bytes that say where they are. */
const bytes = (length) => Buffer.from(Uint8Array.from({ length }, (_, at) => at % 251));
const file = (name, length, mimeType = 'application/octet-stream') => ({
  name,
  mimeType,
  buffer: bytes(length),
});

describe('files', () => {
  /** @type {import('playwright-core').Browser} */
  let browser;
  /** @type {Awaited<ReturnType<typeof startServer>>} */
  let server;
  before(async () => {
    browser = await startBrowser();
    server = await startServer(0, {}, CASES);
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });
  const { visit, tolerate, stopLater } = visitors(
    () => browser,
    () => server.address,
  );

  const control = (page, name) => page.locator(`lf-upload[name="${name}"]`);
  const choose = (page, name, files) => control(page, name).locator('input').setInputFiles(files);
  const said = (page) => page.locator('#said li').allTextContents();
  const open = async (options) => {
    const page = await visit('/files', options);
    await page.waitForFunction(() => customElements.get('lf-upload'));
    return page;
  };
  const report = (page) => page.getByRole('button', { name: 'Report' });

  test('a form takes its files along', async () => {
    const page = await open();
    await page.getByLabel('Title').fill('Leak');
    await choose(page, 'photo', file('wet.png', 1000, 'image/png'));
    await choose(page, 'papers', [file('a', 3_000_000), file('b', 0)]);
    await report(page).click();
    await eventually(() => said(page), ['Leak wet.png:1000:true a:3000000:true b:0:true']);
    // Chosen still, so sent again: the first time has used them up.
    await page.getByLabel('Title').fill('Again');
    await report(page).click();
    await eventually(
      async () => (await said(page))[1],
      'Again wet.png:1000:true a:3000000:true b:0:true',
    );
  });

  test('a form that is refused keeps its files, and they are not sent again', async () => {
    const page = await open();
    let n_bytes = 0;
    page.on('request', (request) => {
      if (request.url().endsWith('/upload'))
        n_bytes += Number(request.headers()['content-length'] ?? 0);
    });
    await choose(page, 'papers', file('a', 2_000_000));
    await report(page).click();
    await page.getByText('expected a title').waitFor();
    await page.getByLabel('Title').fill('Now');
    await report(page).click();
    await eventually(() => said(page), ['Now a:2000000:true']);
    assert.ok(n_bytes < 3_000_000, `${n_bytes} bytes`);
  });

  test('a handler hears of what was chosen, taken away, and chosen again', async () => {
    const page = await open();
    await choose(page, 'show', file('one.txt', 10));
    await eventually(() => page.locator('#shown').textContent(), 'one.txt:10:true');
    await choose(page, 'show', file('two.txt', 20));
    await eventually(() => page.locator('#shown').textContent(), 'two.txt:20:true');
    await page.getByRole('button', { name: 'Remove two.txt' }).click();
    await eventually(() => page.locator('#shown').textContent(), 'nothing');
    assert.equal(await page.evaluate(() => document.activeElement?.localName), 'input');
  });

  test('what the browser knows is refused before a byte is sent', async () => {
    const page = await open();
    let isSent = false;
    page.on('request', (request) => {
      isSent ||= request.url().endsWith('/upload');
    });
    await page.getByLabel('Title').fill('stays');
    await choose(page, 'photo', file('big.png', 1_230_000, 'image/png'));
    const problem = control(page, 'photo').getByRole('alert');
    await eventually(() => problem.textContent(), 'big.png: expected at most 1 MB, got 1.2 MB');
    assert.equal(
      await control(page, 'photo').locator('input').getAttribute('aria-invalid'),
      'true',
    );
    await choose(page, 'photo', file('page.html', 10, 'text/html'));
    await eventually(() => problem.textContent(), 'page.html: expected a file of the kind image/*');
    await choose(
      page,
      'papers',
      ['1', '2', '3', '4'].map((name) => file(name, 0)),
    );
    await eventually(
      () => control(page, 'papers').getByRole('alert').textContent(),
      'expected at most 3 files',
    );
    assert.equal(await page.getByLabel('Title').inputValue(), 'stays');
    await choose(page, 'photo', file('ok.png', 10, 'image/png'));
    assert.equal(await problem.isHidden(), true);
    await report(page).click();
    await eventually(async () => (await said(page))[0]?.slice(0, 14), 'stays ok.png:1');
    assert.equal(isSent, true);
  });

  test('progress is shown, a form waits for its files, and one can be taken away meanwhile', async () => {
    const proxy = stopLater(await startProxy(server.port));
    const page = await open({ origin: proxy.address });
    proxy.hold('up');
    await page.getByLabel('Title').fill('Slow');
    await choose(page, 'papers', [file('a', 500_000), file('b', 500_000)]);
    const rows = control(page, 'papers').locator('li');
    assert.equal(await rows.count(), 2);
    await page.getByRole('progressbar', { name: 'a' }).waitFor();
    await report(page).click();
    await page
      .getByText('The form is sent when the files are there.')
      .waitFor({ state: 'attached' });
    assert.deepEqual(await said(page), []);
    await page.getByRole('button', { name: 'Remove b' }).click();
    proxy.release('up');
    await eventually(() => said(page), ['Slow a:500000:true']);
    assert.equal(await page.getByRole('progressbar', { name: 'a' }).isHidden(), true);
  });

  test('a connection that is lost meanwhile costs no more than time', async () => {
    tolerate(FAILED);
    const proxy = stopLater(await startProxy(server.port));
    const page = await open({ origin: proxy.address });
    await page.getByLabel('Title').fill('Cut');
    await page.evaluate(() => {
      window.offsets = [];
      const { setRequestHeader } = XMLHttpRequest.prototype;
      XMLHttpRequest.prototype.setRequestHeader = function (name, value) {
        if (name === 'livefloe-offset') window.offsets.push(Number(value));
        setRequestHeader.call(this, name, value);
      };
    });
    // Not all of it gets through, however fast the machine is.
    proxy.holdAfter(4_000_000);
    await control(page, 'papers').evaluate((element) => {
      const content = Uint8Array.from({ length: 40_000_000 }, (_, at) => at % 251);
      const data = new DataTransfer();
      data.items.add(new File([content], 'large'));
      const input = element.querySelector('input');
      input.files = data.files;
      input.dispatchEvent(new Event('change', { bubbles: true }));
    });
    await page.waitForFunction(
      () => document.querySelector('lf-upload[name="papers"] progress')?.value > 0.01,
    );
    proxy.cut();
    proxy.release('up');
    await report(page).click();
    await page.getByText('Connection lost.').waitFor();
    proxy.mend();
    await eventually(() => said(page), ['Cut large:40000000:true']);
    const offsets = await page.evaluate(() => window.offsets);
    assert.ok(offsets.length >= 2 && offsets.at(-1) >= 0, `${offsets}`);
  });

  test('files are dropped on it and pasted into it', async () => {
    const page = await open();
    const give = (type, names) =>
      control(page, 'papers').evaluate(
        (element, { type, names }) => {
          const data = new DataTransfer();
          for (const name of names) data.items.add(new File([new Uint8Array([0, 1, 2])], name));
          const zone = element.querySelector('.lf-upload-zone');
          const init = { bubbles: true, cancelable: true };
          return type === 'paste'
            ? zone.dispatchEvent(new ClipboardEvent('paste', { ...init, clipboardData: data }))
            : ['dragover', 'drop'].map((type) =>
                zone.dispatchEvent(new DragEvent(type, { ...init, dataTransfer: data })),
              );
        },
        { type, names },
      );
    assert.deepEqual(
      await give('drop', ['a', 'b']),
      [false, false],
      'the browser does not open them',
    );
    await give('paste', ['c']);
    await page.getByLabel('Title').fill('Dropped');
    await report(page).click();
    await eventually(() => said(page), ['Dropped a:3:true b:3:true c:3:true']);
  });

  test('a form that empties itself empties its files, and asks for one that it needs', async () => {
    const page = await open();
    await page.getByLabel('Message').fill('hi');
    await page.getByRole('button', { name: 'Send' }).click();
    assert.equal(
      await control(page, 'pictures').evaluate((element) => element.matches(':invalid')),
      true,
    );
    await choose(page, 'pictures', [file('a', 1), file('b', 1)]);
    await page.getByRole('button', { name: 'Send' }).click();
    await eventually(() => said(page), ['hi 2']);
    await eventually(() => control(page, 'pictures').locator('li').count(), 0);
    assert.equal(await page.getByLabel('Message').inputValue(), '');
    // What the server refuses comes back, files and all.
    await page.getByLabel('Message').fill('bad');
    await choose(page, 'pictures', file('c', 1));
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByText('expected something else').waitFor();
    assert.equal(await control(page, 'pictures').locator('li').count(), 1);
    await page.getByLabel('Message').fill('good');
    await page.getByRole('button', { name: 'Send' }).click();
    await eventually(() => said(page), ['hi 2', 'good 1']);
  });

  test('it has a name, works by keyboard, and says how far it is', async () => {
    const page = await open();
    const name = 'Photo Choose a file, or drop or paste it here';
    const input = page.getByRole('button', { name, description: 'A picture of it.' });
    await input.waitFor();
    // Asked for first, so that the browser knows of it when the key comes.
    const chosen = page.waitForEvent('filechooser');
    await page.getByLabel('Title').focus();
    await page.keyboard.press('Tab');
    assert.equal(await input.evaluate((element) => element === document.activeElement), true);
    await page.keyboard.press('Space');
    const chooser = await chosen;
    await chooser.setFiles(file('wet.png', 10, 'image/png'));
    await control(page, 'photo').getByText('wet.png is there.').waitFor({ state: 'attached' });
  });
});
