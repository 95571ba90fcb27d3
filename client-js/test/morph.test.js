import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, handler, setUp } from './support/browser.js';

const open = setUp();
const html = (page) => page.evaluate(() => document.getElementById('livefloe').innerHTML);
const resync = (id, html, opaque = []) => [
  { op: 'component', id },
  { op: 'resync', html, opaque },
];

// Each: the page, and the page that it is resynced to.
const CASES = {
  'text and attributes': ['<p id="p" class="a">a</p>b', '<p id="p" title="t">c</p>d<!--e-->'],
  'more and fewer children': ['<p>a</p><p>b</p><p>c</p>', '<p>c</p><b>x</b>'],
  'another order of keys': [
    '<ul><li lf-key="1">a</li><li lf-key="2">b</li><li lf-key="3">c</li></ul>',
    '<ul><li lf-key="3">c</li><li lf-key="1">a</li><li lf-key="4">d</li></ul>',
  ],
  'a table': [
    '<table><tbody><tr><td>1</td></tr></tbody></table>',
    '<table><tbody><tr><td>2</td><td>3</td></tr></tbody></table>',
  ],
  svg: [
    '<svg><path d="M0 0"></path></svg>',
    '<svg viewBox="0 0 1 1"><path d="M1 1"></path><g></g></svg>',
  ],
  components: [
    '<div lf-c="1">a</div><lf-component lf-c="2">b</lf-component>',
    '<lf-component lf-c="2">c<i>d</i></lf-component><div lf-c="1" class="x">e</div>',
  ],
  'what is in a template': ['<template><i>a</i></template>', '<template><i>b</i></template>'],
  'an ignored element beside one that is not': [
    '<div>a</div><div lf-ignore="">b</div>',
    '<div lf-ignore="">b</div><div>a</div>',
  ],
  nothing: ['<p>a</p>', ''],
};

for (const [name, [before, after]] of Object.entries(CASES)) {
  test(`a resync brings ${name}, and the page can be patched from there`, async (t) => {
    const { page, server, problems } = await open(t, before);
    await server.patch(page, resync(0, after));
    assert.equal(await html(page), after);
    await server.patch(page, [...at(0), { op: 'insert', index: 0, html: '<hr>' }]);
    assert.equal(await html(page), `<hr>${after}`);
    assert.deepEqual(problems, []);
  });
}

test('focus, selection, typed text, scroll and open details stay', async (t) => {
  const page1 =
    '<p>a</p><details><summary>s</summary>x</details><div id="box"><p>tall</p></div><input id="i"><input id="j" value="1">';
  const { page, server } = await open(t, page1);
  await page.click('summary');
  await page.fill('#j', 'dirty');
  await page.fill('#i', 'typed');
  await page.evaluate(() => {
    const box = document.getElementById('box');
    box.style.cssText = 'height: 20px; overflow: auto';
    box.firstChild.style.height = '500px';
    box.scrollTop = 100;
    document.getElementById('i').setSelectionRange(1, 3);
    window.before = [...document.querySelectorAll('input, details, #box')];
  });
  await server.patch(page, resync(0, `<h1>new</h1>${page1.replace('<p>a</p>', '')}<p>end</p>`), {
    ack: 9,
  });
  const facts = await page.evaluate(() => {
    const { id, value, selectionStart, selectionEnd } = document.activeElement;
    return {
      focused: [id, value, selectionStart, selectionEnd],
      dirty: document.getElementById('j').value,
      open: document.querySelector('details').open,
      same: window.before.every((element) => element.isConnected),
    };
  });
  assert.deepEqual(facts, {
    focused: ['i', 'typed', 1, 3],
    dirty: 'dirty',
    open: true,
    same: true,
  });
});

test('a value that the server changed meanwhile waits for the event that covers the edit', async (t) => {
  const { page, server } = await open(t, '<input id="i" value="1"><textarea>a</textarea>');
  await page.fill('#i', 'typed');
  await page.fill('textarea', 'typed');
  await server.patch(page, resync(0, '<input id="i" value="2"><textarea>b</textarea>'));
  assert.deepEqual(
    [await page.inputValue('#i'), await page.inputValue('textarea')],
    ['typed', 'typed'],
  );
  await server.patch(page, [], { ack: 1 });
  assert.deepEqual([await page.inputValue('#i'), await page.inputValue('textarea')], ['2', 'b']);
});

test('an ignored element keeps its inside, an opaque one is kept when it is the same', async (t) => {
  const { page, server } = await open(
    t,
    '<div lf-ignore></div><object data="data:,"></object><p><b>a</b></p>',
    { opaque: '2' },
  );
  await page.evaluate(() => {
    document.querySelector('[lf-ignore]').append('widget');
    window.object = document.querySelector('object');
  });
  await server.patch(
    page,
    resync(
      0,
      '<div lf-ignore data-x="1"></div><object data="data:,"></object><p><b>c</b></p>',
      [2],
    ),
  );
  assert.equal(await page.evaluate(() => window.object.isConnected), true);
  assert.equal(await page.textContent('[lf-ignore]'), 'widget');
  assert.equal(await page.textContent('p'), 'c');
  assert.equal(await page.getAttribute('[lf-ignore]', 'data-x'), '1');
});

test('a component that is its own element may become another element', async (t) => {
  const { page, server, problems } = await open(t, '<p>x</p><div lf-c="3">a</div>');
  await server.patch(page, resync(3, '<div class="b">b</div>'));
  assert.equal(await html(page), '<p>x</p><div lf-c="3" class="b">b</div>');
  await server.patch(page, resync(3, '<section lf-c="3">c</section>'));
  await server.patch(page, [
    ...at(3, 0, 0),
    { op: 'text', text: 'd' },
    ...at(0),
    { op: 'move', from: 1, to: 0 },
  ]);
  assert.equal(await html(page), '<section lf-c="3">d</section><p>x</p>');
  assert.deepEqual(problems, []);
});

test('a component whose place is lost asks for the page', async (t) => {
  const { page, server } = await open(t, '<div><p lf-c="3">a</p></div>');
  await page.evaluate(() => document.querySelector('p').remove());
  await server.patch(page, resync(3, '<p lf-c="3">b</p>'));
  assert.deepEqual((await server.next('ack')).failed, [0]);
  await server.patch(page, resync(0, '<div><p lf-c="3">c</p></div>'));
  assert.equal(await html(page), '<div><p lf-c="3">c</p></div>');
});

test('what the client itself put into the page stays', async (t) => {
  const { page, server } = await open(
    t,
    `<form lf-submit="${handler('h')}"><input name="a"><button>go</button></form>`,
  );
  await page.click('button');
  const { seq } = await server.next('event');
  const refused = {
    op: 'refused',
    event: seq,
    code: 2,
    message: '',
    fields: [['a', 'is missing']],
  };
  await server.patch(page, [refused], { ack: seq });
  await page.click('button');
  await server.next('event');
  await server.patch(
    page,
    resync(
      0,
      `<form lf-submit="${handler('h')}"><input name="a"><button class="x">go</button></form>`,
    ),
    { ack: seq },
  );
  assert.equal(await page.textContent('input + small'), 'is missing');
  assert.equal(await page.getAttribute('input', 'aria-invalid'), 'true');
  assert.equal(await page.getAttribute('form', 'lf-pending'), '');
});
