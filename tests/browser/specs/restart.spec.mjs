/** A server that goes and comes back with the same store: its pages go on. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startBrowser } from '../support/browser.mjs';
import { CASES, PYTHON, startServer } from '../support/server.mjs';
import { visitors } from '../support/visitors.mjs';

/** What Chromium itself says about a server that is away. */
const UNREACHABLE = /WebSocket connection to .* failed|ERR_(CONNECTION|INTERNET|EMPTY|SOCKET)/;

describe('restart', () => {
  /** @type {import('playwright-core').Browser} */
  let browser;
  /** @type {string} */
  let folder;
  before(async () => {
    browser = await startBrowser();
    folder = await mkdtemp(join(tmpdir(), 'livefloe-restart-'));
  });
  const { visit, tolerate, stopLater } = visitors(
    () => browser,
    () => '',
  );
  after(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  for (const [how, signal] of [
    ['is killed', 'SIGKILL'],
    ['is stopped', 'SIGTERM'],
  ]) {
    test(`a page goes on where it was after its server ${how} and starts again`, async () => {
      tolerate(UNREACHABLE);
      const environment = { STORE: join(folder, `${signal}.sqlite`) };
      let server = stopLater(await startServer(0, environment, CASES));
      const page = await visit('/kept', { origin: server.address });
      for (let count = 1; count <= 3; count++) {
        await page.locator('#add').click();
        await page.locator('#count', { hasText: String(count) }).waitFor();
      }
      await page.locator('#star2').click();
      await page.getByText('2: 1').waitFor();
      await page.locator('#note').fill('half a thou');
      await page.locator('#more summary').click();
      await page.locator('#note').focus();
      await page.evaluate(() => {
        window.before = [...document.querySelectorAll('#livefloe *')];
      });

      await server.stop(signal);
      await page.getByText('Connection lost. Reconnecting…').waitFor();
      await page.keyboard.type('ght');
      await page.locator('#star2').click();
      server = stopLater(await startServer(server.port, environment, CASES));
      await page
        .getByRole('button', { name: 'Retry now' })
        .click({ timeout: 2_000 })
        .catch(() => {});

      await page.getByText('2: 2').waitFor();
      await page.locator('#add').click();
      await page.locator('#count', { hasText: '4' }).waitFor();
      assert.equal(await page.locator('#note').inputValue(), 'half a thought');
      assert.equal(await page.locator('#more').getAttribute('open'), '');
      assert.ok(
        await page.evaluate(() => window.before.every((element) => element.isConnected)),
        'nothing was made anew',
      );
    });
  }

  test('a page in Python goes on where it was after its server is killed and starts again', async () => {
    tolerate(UNREACHABLE);
    const environment = { STORE: `sqlite:${join(folder, 'python.sqlite')}` };
    const command = `${PYTHON} tests/browser/apps/kept.py`;
    let server = stopLater(await startServer(0, environment, command));
    const page = await visit('/', { origin: server.address });
    for (const note of ['milk', 'eggs']) {
      await page.getByLabel('Note').fill(note);
      await page.getByRole('button', { name: 'Add' }).click();
      await page.getByRole('button', { name: `${note}: 0` }).waitFor();
    }
    await page.getByRole('button', { name: 'milk' }).click();
    await page.getByRole('button', { name: 'milk: 1' }).waitFor();
    await page.getByLabel('Note').fill('half a thou');
    await page.evaluate(() => {
      window.before = [...document.querySelectorAll('#livefloe *')];
    });

    await server.stop('SIGKILL');
    await page.getByText('Connection lost. Reconnecting…').waitFor();
    await page.getByRole('button', { name: 'milk' }).click();
    await page.getByLabel('Note').focus();
    await page.keyboard.press('End');
    await page.keyboard.type('ght');
    server = stopLater(await startServer(server.port, environment, command));
    await page
      .getByRole('button', { name: 'Retry now' })
      .click({ timeout: 2_000 })
      .catch(() => {});
    await page.getByRole('button', { name: 'milk: 2' }).waitFor();
    assert.equal(await page.getByLabel('Note').inputValue(), 'half a thought');
    assert.ok(
      await page.evaluate(() => window.before.every((element) => element.isConnected)),
      'nothing was made anew',
    );
  });
});
