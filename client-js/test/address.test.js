import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, handler, setUp } from './support/browser.js';

const open = setUp();
const H = handler('h');
const page = (query, more = '') =>
  `<lf-address name="query" names="t q" query="${query}"${more} lf-change="${H}" hidden></lf-address>`;
const set = (value) => [...at(0, 0), { op: 'set', name: 'query', value }];
const search = (page) => page.evaluate(() => location.search + location.hash);

test('the address follows the server, and what is not its own stays', async (t) => {
  const {
    page: tab,
    server,
    problems,
  } = await open(t, page('t=0.7'), {
    prepare: (page) =>
      page.addInitScript(() => history.replaceState(null, '', '?x=1&q=old&x=2#end')),
  });
  await tab.waitForFunction(() => location.search === '?x=1&x=2&t=0.7');
  await server.patch(tab, set('t=0.8&q=a+b'));
  await tab.waitForFunction(() => location.search === '?x=1&x=2&t=0.8&q=a+b');
  await server.patch(tab, set(''));
  await tab.waitForFunction(() => location.search === '?x=1&x=2');
  assert.equal(await search(tab), '?x=1&x=2#end');
  assert.equal(await tab.evaluate(() => history.length), 2, 'no step of the history');
  assert.ok(await tab.evaluate(() => history.state.livefloe), 'the token is still in its place');
  assert.deepEqual(problems, []);
});

test('going back tells the server of what the address says', async (t) => {
  const { page: tab, server, problems } = await open(t, page('t=1', ' push'));
  await tab.waitForFunction(() => location.search === '?t=1');
  await server.patch(tab, set('t=2&q=x'));
  await tab.waitForFunction(() => location.search === '?t=2&q=x');
  const token = await tab.evaluate(() => history.state.livefloe);
  await tab.goBack();
  const { handler: called, payload } = await server.next('event');
  assert.deepEqual([called, new URLSearchParams(payload).get('query')], [H, 't=1']);
  assert.equal(
    await tab.evaluate(() => history.state.livefloe),
    token,
    'a reload finds the session',
  );
  // What the server then says is where the page is already: no step is written over the one ahead.
  await server.patch(tab, set('t=1'), { ack: 1 });
  await tab.goForward();
  await server.next('event');
  assert.equal(await search(tab), '?t=2&q=x');
  assert.deepEqual(problems, []);
});

test('a query that is too long is left out, and one that comes after it is not', async (t) => {
  const { page: tab, server } = await open(t, page('t=1'));
  await tab.waitForFunction(() => location.search === '?t=1');
  await server.patch(tab, set(`t=${'x'.repeat(3000)}`));
  await server.patch(tab, set('t=3'));
  await tab.waitForFunction(() => location.search === '?t=3');
});

test('an address that came with a patch is loaded', async (t) => {
  const { page: tab, server } = await open(t, '<p></p>');
  await server.patch(tab, [...at(0), { op: 'insert', index: 1, html: page('q=1') }]);
  await tab.waitForFunction(() => location.search === '?q=1');
});
