import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connected } from '../support/browser.mjs';
import { examples } from '../support/examples.mjs';
import { startProxy } from '../support/proxy.mjs';
import { startServer } from '../support/server.mjs';

/** What Chromium itself says about a server that is away. */
const UNREACHABLE = /WebSocket connection to .* failed|ERR_(CONNECTION|INTERNET|EMPTY|SOCKET)/;

examples('connection', ({ prefix, visit, tolerate, stopLater }) => {
  const button = (page, name) => page.getByRole('button', { name, exact: true });
  const banner = (page) => page.locator('#lf-connection');
  /** Connects now; it may have been faster by itself. */
  const retry = (page) =>
    button(page, 'Retry now')
      .click({ timeout: 2_000 })
      .catch(() => {});

  for (const [how, signal] of [
    ['crashes', 'SIGKILL'],
    ['is stopped', 'SIGTERM'],
  ]) {
    test(`a server that ${how} is missed, and after its return the page can be reloaded`, async () => {
      tolerate(UNREACHABLE);
      let server = stopLater(await startServer());
      const page = await visit(`${prefix}/counter`, { origin: server.address });
      await server.stop(signal);
      await banner(page).getByText('Connection lost. Reconnecting…').waitFor();
      server = stopLater(await startServer(server.port));
      await retry(page);
      await banner(page).getByText('This session has ended on the server.').waitFor();
      await button(page, 'Reload').click();
      await connected(page);
      await button(page, '+1').click();
      await page.getByRole('heading', { name: 'Count: 1' }).waitFor();
    });
  }

  test('what is typed and done offline is kept, and sent once the way is free', async () => {
    tolerate(UNREACHABLE);
    const server = stopLater(await startServer());
    const proxy = stopLater(await startProxy(server.port));
    const page = await visit(`${prefix}/todo`, { origin: proxy.address });
    await page.getByLabel('New task').fill('Before');
    await button(page, 'Add').click();
    await page.getByRole('checkbox', { name: 'Before' }).waitFor();

    await page.context().setOffline(true);
    proxy.cut();
    await banner(page).getByText('You are offline. Waiting for the network…').waitFor();
    await page.getByLabel('New task').fill('During');
    await button(page, 'Add').click();
    await page.getByRole('checkbox', { name: 'Before' }).check();

    proxy.mend();
    await page.context().setOffline(false);
    await connected(page);
    await page.getByRole('checkbox', { name: 'During' }).waitFor();
    await page.getByText('1 task left').waitFor();
    await banner(page).waitFor({ state: 'hidden' });
    // Each took effect once.
    assert.equal(await page.getByRole('listitem').count(), 2);
  });

  test('text that is half typed when the way breaks is still there afterwards', async () => {
    tolerate(UNREACHABLE);
    const server = stopLater(await startServer());
    const proxy = stopLater(await startProxy(server.port));
    const page = await visit(`${prefix}/signup`, { origin: proxy.address });
    await page.getByLabel('E-mail').pressSequentially('ada@exa');
    proxy.cut();
    await banner(page).getByText('Connection lost. Reconnecting…').waitFor();
    await page.getByLabel('E-mail').pressSequentially('mple');
    await page.getByLabel('Username').fill('somebody');
    proxy.mend();
    await retry(page);
    await connected(page);
    await page.getByText('This name is free.').waitFor();
    assert.equal(await page.getByLabel('E-mail').inputValue(), 'ada@example');
    // Typing into a field that has not got the focus would begin at its start.
    await page.getByLabel('E-mail').press('End');
    await page.getByLabel('E-mail').pressSequentially('.org');
    await page.getByText('An address such as ada@example.org.').waitFor({ state: 'detached' });
    assert.equal(await page.getByLabel('E-mail').inputValue(), 'ada@example.org');
  });

  test('a short break is not worth a word', async () => {
    tolerate(UNREACHABLE);
    const server = stopLater(await startServer());
    const proxy = stopLater(await startProxy(server.port));
    const page = await visit(`${prefix}/counter`, { origin: proxy.address });
    proxy.cut();
    proxy.mend();
    await button(page, '+1').click();
    await page.getByRole('heading', { name: 'Count: 1' }).waitFor();
    assert.equal(await banner(page).isVisible(), false);
  });
});
