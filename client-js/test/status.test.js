import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, handler, setUp } from './support/browser.js';

const open = setUp();
const A = handler('a');
const banner = (page, text) =>
  page.locator('#lf-connection:not([hidden])', { hasText: text }).waitFor();

test('a page that cannot connect says so after a while, and no longer when it can', async (t) => {
  const { page, server } = await open(t, '<p>a</p>', { join: false });
  assert.equal(await page.getAttribute('html', 'data-lf-connection'), 'connecting');
  await banner(page, 'Connecting');
  await server.next('join');
  server.send({ kind: 'joined' });
  await page.waitForSelector('#lf-connection', { state: 'hidden' });
  assert.equal(await page.getAttribute('html', 'data-lf-connection'), 'connected');
});

test('what was done while the connection was lost is sent once, and no patch is applied twice', async (t) => {
  const { page, server } = await open(t, `<button lf-click="${A}" value="1">x</button><p>0</p>`);
  await page.click('button');
  await server.next('event');
  await server.patch(page, [...at(0, 1, 0), { op: 'append', text: '1' }]);
  await page.evaluate(() => {
    window.states = [];
    document.addEventListener('livefloe:connection', ({ detail }) =>
      window.states.push(detail.state),
    );
  });
  server.close(1001);
  await page.waitForSelector('html[data-lf-connection="reconnecting"]');
  await page.click('button');
  const join = await server.next('join');
  assert.deepEqual(join, { kind: 'join', version: 3, token: 'next', applied: 1, page: '' });
  server.send({ kind: 'joined', ack: 1 });
  server.send({
    kind: 'patch',
    seq: 1,
    ack: 1,
    ops: [...at(0, 1, 0), { op: 'append', text: '1' }],
  });
  await server.patch(page, [...at(0, 1, 0), { op: 'append', text: '2' }], { ack: 1 });
  assert.equal(await page.textContent('p'), '012');
  assert.equal((await server.next('event')).seq, 2);
  assert.deepEqual(await page.evaluate(() => window.states), ['reconnecting', 'connected']);
});

test('a lost connection is announced with a button that tries at once', async (t) => {
  const { page, server } = await open(t, '<p>a</p>');
  await page.evaluate(() => {
    Math.random = () => 1e6;
  });
  server.close(1001);
  await banner(page, 'Connection lost');
  await page.click('text=Retry now');
  await server.next('join');
});

test('going online and coming back to the tab connect at once', async (t) => {
  const { page, server } = await open(t, '<p>a</p>');
  await page.evaluate(() => {
    Math.random = () => 1e6;
  });
  for (const wake of [
    () => dispatchEvent(new Event('online')),
    () => document.dispatchEvent(new Event('visibilitychange')),
    () => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })),
  ]) {
    server.close(1001);
    await page.waitForSelector('html[data-lf-connection="reconnecting"]');
    await page.evaluate(wake);
    await server.next('join');
    server.send({ kind: 'joined' });
    await page.waitForSelector('html[data-lf-connection="connected"]');
  }
});

test('a machine that goes offline has it said at once, and a server on itself is not given up', async (t) => {
  const { page, server } = await open(t, '<p>a</p>');
  // Longer than any silence that it would wait out by itself.
  await page.evaluate(() => dispatchEvent(new Event('offline')));
  await server.next('join');
  server.send({ kind: 'joined' });
  await page.waitForSelector('html[data-lf-connection="connected"]');
  await page.evaluate(() => {
    Object.defineProperty(navigator, 'onLine', { value: false, configurable: true });
    dispatchEvent(new Event('offline'));
  });
  await server.next('join');
  await banner(page, 'You are offline. Waiting for the network…');
  await page.evaluate(() => {
    Object.defineProperty(navigator, 'onLine', { value: true, configurable: true });
    dispatchEvent(new Event('online'));
  });
  await banner(page, 'Connection lost. Reconnecting');
  server.send({ kind: 'joined' });
  await page.waitForSelector('#lf-connection', { state: 'hidden' });
});

test('a person who tries now is not held up by an attempt that hangs', async (t) => {
  const { page, server } = await open(t, '<p>a</p>');
  server.close(1001);
  await server.next('join');
  await banner(page, 'Connection lost');
  await page.click('text=Retry now');
  await server.next('join');
});

test('a session that ended offers to reload, a session taken over says why', async (t) => {
  for (const [code, text] of [
    [4404, 'This session has ended on the server.'],
    [4409, 'Opened in another window.'],
  ]) {
    const { page, server } = await open(t, '<p>a</p>');
    server.close(code);
    await banner(page, text);
    assert.equal(await page.getAttribute('html', 'data-lf-connection'), 'ended');
    await page.click('text=Reload');
    await server.next('join');
  }
});

test('a server of another version makes the page reload once', async (t) => {
  const { page, server } = await open(t, '<p>a</p>');
  server.close(4426);
  await server.next('join');
  server.close(4426);
  await banner(page, 'out of date');
  assert.equal(server.connections, 2);
});
