import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, setUp } from './support/browser.js';

const open = setUp();
const inner = (page, selector) =>
  page
    .locator(selector)
    .first()
    .evaluate((element) => element.innerHTML);

test('text and attributes change in place', async (t) => {
  const { page, server, problems } = await open(t, '<p class="a">one</p>');
  await server.patch(page, [
    ...at(0, 0),
    { op: 'set', name: 'class', value: 'b' },
    { op: 'set', name: 'title', value: 'T' },
    { op: 'child', index: 0 },
    { op: 'text', text: 'two' },
    { op: 'append', text: '!' },
    { op: 'title', text: 'New' },
  ]);
  assert.equal(await inner(page, '#livefloe'), '<p class="b" title="T">two!</p>');
  assert.equal(await page.title(), 'New');
  assert.deepEqual(problems, []);
});
