import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, handler, setUp } from './support/browser.js';

const open = setUp();
const html = (page) => page.evaluate(() => document.getElementById('livefloe').innerHTML);
const H = handler('h');
const like = (steps, rest = '') =>
  `<button lf-click="${H}" lf-optimistic='${JSON.stringify(steps)}'${rest}>like</button>`;
const shown = (page) =>
  page.evaluate(() => {
    const { className, textContent, title } = document.querySelector('#t');
    return [className, title, textContent];
  });
const STEPS = [
  ['class', '#t', 'liked', true],
  ['class', '#t', 'new', false],
  ['set', '#t', 'title', 'yes'],
  ['text', '#t', '1'],
];
const PAGE = `${like(STEPS)}<p id="t" class="new big">0</p>`;
const refused = (event) => ({ op: 'refused', event, code: 3, message: 'no', fields: [] });

test('what an event is expected to change shows before the server has answered', async (t) => {
  const { page, server } = await open(t, PAGE);
  await page.click('button');
  await server.next('event');
  assert.deepEqual(await shown(page), ['big liked', 'yes', '1']);
});

test('a refusal brings back what was there, however much was expected', async (t) => {
  const { page, server, problems } = await open(t, PAGE);
  await page.click('button');
  await page.click('button');
  await server.next('event');
  await server.next('event');
  await server.patch(page, [refused(1)], { ack: 1 });
  assert.deepEqual(await shown(page), ['big liked', 'yes', '1'], 'the second click still waits');
  await server.patch(page, [refused(2)], { ack: 2 });
  assert.deepEqual(await shown(page), ['new big', '', '0']);
  assert.deepEqual(problems, []);
});

test('an accepted event shows what the server says, and not what was expected', async (t) => {
  const { page, server } = await open(t, PAGE);
  await page.click('button');
  await server.next('event');
  const ops = [
    ...at(0, 1),
    { op: 'set', name: 'class', value: 'big liked' },
    { op: 'child', index: 0 },
    { op: 'text', text: '2' },
  ];
  await server.patch(page, ops, { ack: 1 });
  assert.deepEqual(await shown(page), ['big liked', '', '2']);
});

test('a patch of another event changes what lies beneath', async (t) => {
  const { page, server } = await open(t, PAGE);
  await page.click('button');
  await server.next('event');
  const ops = [
    ...at(0, 1),
    { op: 'set', name: 'class', value: 'small' },
    { op: 'set', name: 'title', value: 'no' },
    { op: 'child', index: 0 },
    { op: 'append', text: '5' },
  ];
  await server.patch(page, ops);
  assert.deepEqual(await shown(page), ['small liked', 'yes', '1']);
  await server.patch(page, [
    { op: 'component', id: 0 },
    { op: 'resync', html: PAGE.replace('>0<', '>07<') },
  ]);
  assert.deepEqual(await shown(page), ['big liked', 'yes', '1']);
  await server.patch(page, [refused(1)], { ack: 1 });
  assert.deepEqual(await shown(page), ['new big', '', '07']);
});

test('a node that went away meanwhile is no problem', async (t) => {
  const { page, server, problems } = await open(t, PAGE);
  await page.click('button');
  await server.next('event');
  await server.patch(page, [...at(0), { op: 'replace', index: 1, html: '<p id="t">new</p>' }]);
  await server.patch(page, [refused(1)], { ack: 1 });
  assert.deepEqual(await shown(page), ['', '', 'new']);
  assert.deepEqual(problems, []);
});

for (const [name, steps] of Object.entries({
  'a step that is not known': [['explode', '#t', 1]],
  'a target that is not there': [['set', '#nowhere', 'title', 'x']],
  'text for what has none': [['text', '#empty', 'x']],
})) {
  test(`${name} is left out, and the event is sent`, async (t) => {
    const before = `${like(steps)}<p id="t">0</p><p id="empty"></p>`;
    const { page, server } = await open(t, before);
    await page.click('button');
    await server.next('event');
    await server.patch(page, [], { ack: 1 });
    assert.equal(
      (await html(page)).replace(/ lf-error=""/, '').endsWith('<p id="t">0</p><p id="empty"></p>'),
      true,
    );
  });
}

test('a target is looked for in the component of the element', async (t) => {
  const component = (id) =>
    `<div lf-c="${id}">${like([['text', '.n', 'x']])}<i class="n">0</i></div>`;
  const { page, server } = await open(t, component(1) + component(2));
  await page.locator('button').nth(1).click();
  await server.next('event');
  assert.deepEqual(await page.locator('.n').allTextContents(), ['0', 'x']);
});
