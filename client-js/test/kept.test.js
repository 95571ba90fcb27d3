import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, handler, setUp } from './support/browser.js';

const open = setUp();
const H = handler('h');
const PAGE = `<lf-kept name="theme" value="light" lf-change="${H}" hidden></lf-kept>`;
const set = (value) => [
  ...at(0, 0),
  value === null ? { op: 'unset', name: 'value' } : { op: 'set', name: 'value', value },
];
const kept = (page) => page.evaluate(() => localStorage.getItem('livefloe:theme'));
const keep = (value) => (page) =>
  page.addInitScript((value) => localStorage.setItem('livefloe:theme', value), value);
const sent = async (server) => {
  const { handler: called, payload } = await server.next('event');
  assert.equal(called, H);
  return new URLSearchParams(payload).get('theme');
};

test('what the server changes is kept, and its default is not', async (t) => {
  const { page, server, problems } = await open(t, PAGE);
  await page.waitForFunction(() => customElements.get('lf-kept'));
  assert.equal(await kept(page), null);
  await server.patch(page, set('dark'));
  assert.equal(await kept(page), 'dark');
  await server.patch(page, set(null));
  assert.equal(await kept(page), null);
  await server.patch(page, set('x'.repeat(20_000)));
  assert.equal(await kept(page), null, 'too long to keep');
  assert.deepEqual(problems, []);
});

test('what was kept in an earlier visit is told, also when a patch brings the element', async (t) => {
  const { page, server } = await open(t, PAGE, { prepare: keep('dark') });
  assert.equal(await sent(server), 'dark');
  await server.patch(page, [...at(0), { op: 'remove', index: 0, count: 1 }], { ack: 1 });
  await server.patch(page, [...at(0), { op: 'insert', index: 0, html: PAGE }], { ack: 1 });
  assert.equal(await sent(server), 'dark');
});

test('what is kept already is no news', async (t) => {
  const { page, server } = await open(t, `${PAGE}<button lf-click="${handler('b')}">b</button>`, {
    prepare: keep('light'),
  });
  await page.waitForFunction(() => customElements.get('lf-kept'));
  await page.click('button');
  assert.equal((await server.next('event')).handler, handler('b'));
});

test('another tab tells this one', async (t) => {
  const { page, server } = await open(t, PAGE);
  await page.waitForFunction(() => customElements.get('lf-kept'));
  const other = await page.context().newPage();
  await other.goto(page.url());
  await other.evaluate(() => localStorage.setItem('livefloe:other', '1'));
  await other.evaluate(() => localStorage.setItem('livefloe:theme', 'dark'));
  assert.equal(await sent(server), 'dark');
  await server.patch(page, set('dark'), { ack: 1 });
  await other.evaluate(() => localStorage.clear());
  assert.equal(await sent(server), '');
});

test('a browser that keeps nothing is no error', async (t) => {
  const { page, server, problems } = await open(t, PAGE, {
    prepare: (page) =>
      page.addInitScript(() =>
        Object.defineProperty(window, 'localStorage', {
          get() {
            throw new DOMException('denied', 'SecurityError');
          },
        }),
      ),
  });
  await page.waitForFunction(() => customElements.get('lf-kept'));
  await server.patch(page, set('dark'));
  assert.deepEqual(problems, []);
});
