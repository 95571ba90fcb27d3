import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, setUp } from './support/browser.js';

const open = setUp();
const html = (page, selector = '#livefloe') =>
  page
    .locator(selector)
    .first()
    .evaluate((element) => element.innerHTML);

// Each: the page, the operations, and the page after them.
const CASES = {
  'text, attributes and appended text change in place': [
    '<p class="a" hidden>one</p>',
    [
      ...at(0, 0),
      { op: 'set', name: 'class', value: 'b' },
      { op: 'unset', name: 'hidden' },
      { op: 'child', index: 0 },
      { op: 'text', text: 'two' },
      { op: 'append', text: '!' },
    ],
    '<p class="b">two!</p>',
  ],
  'a part of a text changes, in the units that the DOM counts': [
    '<p>😀 one</p>',
    [...at(0, 0, 0), { op: 'splice', start: 3, count: 2, length: 6, text: 'nic' }],
    '<p>😀 nice</p>',
  ],
  'a comment is a node': [
    '<p>a<!--x-->b</p>',
    [...at(0, 0, 1), { op: 'text', text: 'y' }],
    '<p>a<!--y-->b</p>',
  ],
  'the cursor goes up and on': [
    '<p>a</p><p>b</p>',
    [
      ...at(0, 0, 0),
      { op: 'text', text: '1' },
      { op: 'up' },
      { op: 'up' },
      { op: 'child', index: 1 },
      { op: 'child', index: 0 },
      { op: 'text', text: '2' },
    ],
    '<p>1</p><p>2</p>',
  ],
  'rows are inserted, moved and removed in a table': [
    '<table><tbody><tr><td>1</td></tr><tr><td>2</td></tr></tbody></table>',
    [
      ...at(0, 0, 0),
      { op: 'insert', index: 2, html: '<tr><td>3</td></tr><tr><td>4</td></tr>' },
      { op: 'move', from: 3, to: 0 },
      { op: 'remove', index: 1, count: 1 },
    ],
    '<table><tbody><tr><td>4</td></tr><tr><td>2</td></tr><tr><td>3</td></tr></tbody></table>',
  ],
  'rows that are alike are cloned, with what differs': [
    '<ul><li>x</li></ul>',
    [
      ...at(0, 0),
      {
        op: 'repeat',
        index: 0,
        html: '<li class="a"><b>1</b> <input value="1"><script>x</script></li>',
        copies: 2,
        nodes: [0, 2, 4],
        names: ['class', '', 'value'],
        values: ['b', '2 < 3', '2', 'c', '3', '"'],
      },
      { op: 'child', index: 2 },
      { op: 'child', index: 0 },
      { op: 'child', index: 0 },
      { op: 'append', text: '!' },
    ],
    '<ul><li class="a"><b>1</b> <input value="1"><script>x</script></li><li class="b"><b>2 &lt; 3</b> <input value="2"><script>x</script></li><li class="c"><b>3!</b> <input value="&quot;"><script>x</script></li><li>x</li></ul>',
  ],
  'rows that differ in nothing are cloned': [
    '<p></p>',
    [
      ...at(0, 0),
      { op: 'repeat', index: 0, html: '<br>', copies: 2, nodes: [], names: [], values: [] },
    ],
    '<p><br><br><br></p>',
  ],
  'a cell is replaced in a row': [
    '<table><tbody><tr><td>1</td><td>2</td></tr></tbody></table>',
    [...at(0, 0, 0, 0), { op: 'replace', index: 1, html: '<th>x</th>' }],
    '<table><tbody><tr><td>1</td><th>x</th></tr></tbody></table>',
  ],
  'items move forward and back in a list': [
    '<ul><li>a</li><li>b</li><li>c</li></ul>',
    [...at(0, 0), { op: 'move', from: 0, to: 2 }, { op: 'move', from: 1, to: 0 }],
    '<ul><li>c</li><li>b</li><li>a</li></ul>',
  ],
  'options are inserted into a select': [
    '<select><option>a</option></select>',
    [
      ...at(0, 0),
      { op: 'insert', index: 0, html: '<option>b</option><optgroup label="g"></optgroup>' },
    ],
    '<select><option>b</option><optgroup label="g"></optgroup><option>a</option></select>',
  ],
  'text becomes an element becomes text': [
    '<p>a</p>',
    [
      ...at(0, 0),
      { op: 'replace', index: 0, html: '<b>x</b>' },
      { op: 'replace', index: 0, html: 'z' },
    ],
    '<p>z</p>',
  ],
  'whitespace between elements counts': [
    '<b>a</b> <b>c</b>',
    [...at(0, 2, 0), { op: 'text', text: 'd' }],
    '<b>a</b> <b>d</b>',
  ],
  'everything is removed and put back': [
    '<p>a</p><p>b</p>',
    [...at(0), { op: 'remove', index: 0, count: 2 }, { op: 'insert', index: 0, html: 'c<i>d</i>' }],
    'c<i>d</i>',
  ],
  'an element that the server marked is a leaf and is replaced whole': [
    '<div><b>a</b></div><p>x</p>',
    [
      ...at(0),
      { op: 'replace', index: 0, html: '<div><b>b</b></div>', opaque: [0] },
      ...at(0, 1, 0),
      { op: 'text', text: 'y' },
    ],
    '<div><b>b</b></div><p>y</p>',
    { opaque: '0' },
  ],
  'an ignored element keeps what a script put into it': [
    '<div lf-ignore data-n="1"></div>',
    [...at(0, 0), { op: 'set', name: 'data-n', value: '2' }],
    '<div lf-ignore="" data-n="2"></div>',
  ],
  'a component that is its own element is patched and replaced': [
    '<p>0</p><section lf-c="5"><b>5</b></section>',
    [
      ...at(5, 0, 0, 0),
      { op: 'text', text: 'five' },
      ...at(5),
      { op: 'replace', index: 0, html: '<article>new</article>' },
      ...at(5, 0, 0),
      { op: 'append', text: '!' },
      ...at(0),
      { op: 'move', from: 1, to: 0 },
    ],
    '<article lf-c="5">new!</article><p>0</p>',
  ],
  'a wrapped component has many nodes': [
    '<lf-component lf-c="5">a<b>b</b></lf-component>',
    [...at(5), { op: 'insert', index: 2, html: '<i>c</i>' }, { op: 'remove', index: 0, count: 1 }],
    '<lf-component lf-c="5"><b>b</b><i>c</i></lf-component>',
  ],
  'a nested component in inserted html is known at once': [
    '<p>a</p>',
    [
      ...at(0),
      { op: 'insert', index: 1, html: '<div lf-c="7"><i>x</i></div>' },
      ...at(7, 0, 0, 0),
      { op: 'text', text: 'y' },
    ],
    '<p>a</p><div lf-c="7"><i>y</i></div>',
  ],
  'a component that moves to another parent keeps its id': [
    '<div><p lf-c="3">a</p></div><div></div>',
    [
      ...at(0, 1),
      { op: 'insert', index: 0, html: '<p lf-c="3">b</p>' },
      ...at(0, 0),
      { op: 'remove', index: 0, count: 1 },
      ...at(3, 0, 0),
      { op: 'text', text: 'c' },
    ],
    '<div></div><div><p lf-c="3">c</p></div>',
  ],
  'a form with a control named like a property is patched': [
    '<form><input name="childNodes"><input name="attributes"><input name="id"><input name="submit"><b>a</b></form>',
    [
      ...at(0, 0, 4, 0),
      { op: 'text', text: 'b' },
      ...at(0, 0),
      { op: 'set', name: 'class', value: 'c' },
    ],
    '<form class="c"><input name="childNodes"><input name="attributes"><input name="id"><input name="submit"><b>b</b></form>',
  ],
  'an attribute name that only a parser takes is set': [
    '<p>a</p>',
    [...at(0, 0), { op: 'set', name: '@click', value: 'x' }],
    '<p @click="x">a</p>',
  ],
};

for (const [name, [body, ops, expected, options]] of Object.entries(CASES)) {
  test(name, async (t) => {
    const { page, server, problems } = await open(t, body, options);
    await server.patch(page, ops);
    assert.equal(await html(page), expected);
    assert.deepEqual(problems, []);
  });
}

test('the title changes and an equal write changes nothing', async (t) => {
  const { page, server } = await open(t, '<p class="a">one</p>');
  await page.evaluate(() => {
    window.changes = 0;
    new MutationObserver((list) => {
      window.changes += list.length;
    }).observe(document.getElementById('livefloe'), {
      subtree: true,
      childList: true,
      attributes: true,
      characterData: true,
    });
  });
  await server.patch(page, [
    { op: 'title', text: 'New' },
    ...at(0, 0),
    { op: 'set', name: 'class', value: 'a' },
    { op: 'child', index: 0 },
    { op: 'text', text: 'one' },
  ]);
  assert.equal(await page.title(), 'New');
  assert.equal(await page.evaluate(() => window.changes), 0);
});

test('a part of a text that has another length than the server thinks is not touched', async (t) => {
  const { page, server } = await open(t, '<p>one</p>');
  await page.evaluate(() => {
    document.querySelector('p').firstChild.data = 'uno!';
  });
  const splice = { op: 'splice', start: 0, count: 1, length: 3, text: 'O' };
  await server.patch(page, [...at(0, 0, 0), splice]);
  assert.equal(await html(page), '<p>uno!</p>');
  assert.deepEqual((await server.next('ack')).failed, [0]);
});

test('the attributes of the document and what the server put into its head change', async (t) => {
  const { page, server, problems } = await open(t, '<p>a</p>', {
    head: '<meta name="a" content="1" lf-head><link rel="x" href="/b" lf-head>',
  });
  const HTML = 2 ** 32 - 1;
  await page.evaluate(() => {
    document.head.querySelector('[lf-head]').after(document.createElement('template'));
    document.head.append(document.createElement('template'));
  });
  const ours = () =>
    page.evaluate(() => [...document.head.children].slice(2).map((node) => node.outerHTML));
  await server.patch(page, [
    ...at(HTML),
    { op: 'set', name: 'lang', value: 'pl' },
    ...at(HTML - 1),
    { op: 'set', name: 'class', value: 'dark' },
    ...at(HTML - 2),
    { op: 'insert', index: 1, html: '<meta name="c" lf-head>' },
    { op: 'child', index: 0 },
    { op: 'set', name: 'content', value: '2' },
  ]);
  assert.equal(await page.getAttribute('html', 'lang'), 'pl');
  assert.equal(await page.getAttribute('body', 'class'), 'dark');
  assert.deepEqual(await ours(), [
    '<meta name="a" content="2" lf-head="">',
    '<template></template>',
    '<meta name="c" lf-head="">',
    '<link rel="x" href="/b" lf-head="">',
    '<template></template>',
  ]);
  await server.patch(page, [...at(HTML - 1), { op: 'unset', name: 'class' }]);
  assert.equal(await page.getAttribute('body', 'class'), null);

  await page.evaluate(() => document.head.querySelector('link').remove());
  await server.patch(page, [...at(HTML - 2), { op: 'remove', index: 2, count: 1 }]);
  assert.deepEqual((await server.next('ack')).failed, [HTML - 2]);
  assert.equal(problems.splice(0).length, 1);
  const resync = { op: 'resync', html: '<meta name="d" lf-head>', opaque: [] };
  await server.patch(page, [...at(HTML - 2), resync]);
  assert.deepEqual(await ours(), [
    '<template></template>',
    '<template></template>',
    '<meta name="d" lf-head="">',
  ]);
  await server.patch(page, [...at(HTML - 2), { op: 'remove', index: 0, count: 1 }]);
  assert.deepEqual(await ours(), ['<template></template>', '<template></template>']);
  assert.deepEqual(problems, []);
});

test('a deflated patch is applied in its order among others', async (t) => {
  const { page, server, problems } = await open(t, '<p>a</p>');
  const patch = (seq, text) => ({
    kind: 'patch',
    seq,
    ops: [...at(0, 0, 0), { op: 'append', text }],
  });
  server.send(patch(1, 'b'));
  server.send({ kind: 'deflated', message: patch(2, 'c'.repeat(2000)) });
  server.send(patch(3, 'd'));
  server.send({ kind: 'deflated', message: patch(4, 'e') });
  server.seq = 4;
  await server.patch(page, [...at(0, 0, 0), { op: 'append', text: 'f' }]);
  assert.equal(await html(page), `<p>ab${'c'.repeat(2000)}def</p>`);
  assert.deepEqual(problems, []);
});

test('svg parts are inserted with their namespace and keep the case of attributes', async (t) => {
  const { page, server } = await open(t, '<svg preserveAspectRatio="none"><g></g></svg>');
  await server.patch(page, [
    ...at(0, 0),
    { op: 'set', name: 'viewbox', value: '0 0 1 1' },
    { op: 'child', index: 0 },
    {
      op: 'insert',
      index: 0,
      html: '<path d="M0 0"/><use/><foreignObject><p>x</p></foreignObject>',
    },
    { op: 'child', index: 1 },
    { op: 'set', name: 'xlink:href', value: '#a' },
    { op: 'up' },
    { op: 'up' },
    { op: 'unset', name: 'preserveaspectratio' },
  ]);
  const facts = await page.evaluate(() => ({
    attributes: document.querySelector('svg').getAttributeNames(),
    namespace: document.querySelector('path').namespaceURI,
    href: document.querySelector('use').href.baseVal,
    inner: document.querySelector('foreignObject p').namespaceURI,
  }));
  assert.deepEqual(facts, {
    attributes: ['viewBox'],
    namespace: 'http://www.w3.org/2000/svg',
    href: '#a',
    inner: 'http://www.w3.org/1999/xhtml',
  });
});

test('style is applied under a policy that forbids style attributes', async (t) => {
  const { page, server } = await open(t, '<p>a</p><p>b</p>');
  await server.patch(page, [
    ...at(0, 0),
    { op: 'set', name: 'style', value: 'color: red' },
    ...at(0, 1),
    { op: 'set', name: 'style', value: 'color: red' },
    { op: 'unset', name: 'style' },
  ]);
  const colors = await page.evaluate(() =>
    [...document.querySelectorAll('p')].map((p) => [
      getComputedStyle(p).color,
      p.hasAttribute('style'),
    ]),
  );
  assert.deepEqual(colors, [
    ['rgb(255, 0, 0)', true],
    ['rgb(0, 0, 0)', false],
  ]);
});

test('scripts in inserted html do not run, and handlers in attributes are refused without harm', async (t) => {
  const { page, server, problems } = await open(t, '<p>a</p>');
  await server.patch(page, [
    ...at(0),
    { op: 'insert', index: 1, html: '<script>window.ran = true</script>' },
    ...at(0, 0),
    { op: 'set', name: 'onclick', value: 'window.ran = true' },
    { op: 'child', index: 0 },
    { op: 'text', text: 'b' },
  ]);
  assert.equal(await page.evaluate(() => window.ran), undefined);
  assert.equal(await page.textContent('p'), 'b');
  assert.ok(problems.some((problem) => problem.includes('livefloe: attribute')));
});

test('focus and caret stay when siblings change, move and go', async (t) => {
  const { page, server } = await open(
    t,
    '<ul><li>a</li><li><input id="i" value="hello"></li><li>c</li></ul>',
  );
  await page.focus('#i');
  await page.evaluate(() => document.getElementById('i').setSelectionRange(2, 4));
  await server.patch(page, [
    ...at(0, 0),
    { op: 'move', from: 1, to: 2 },
    { op: 'remove', index: 0, count: 1 },
    { op: 'insert', index: 0, html: '<li>n</li>' },
  ]);
  assert.deepEqual(
    await page.evaluate(() => [
      document.activeElement.id,
      document.activeElement.selectionStart,
      document.activeElement.selectionEnd,
    ]),
    ['i', 2, 4],
  );
});

test('focus survives a move in a browser without moveBefore', async (t) => {
  const { page, server } = await open(
    t,
    '<ul><li><input id="i" value="hello"><div id="box"><p>x</p></div></li><li>b</li></ul>',
    {
      prepare: (page) =>
        page.addInitScript(() => Reflect.deleteProperty(Element.prototype, 'moveBefore')),
    },
  );
  await page.evaluate(() => {
    const box = document.getElementById('box');
    box.style.cssText = 'height: 20px; overflow: auto';
    box.firstChild.style.height = '500px';
    box.scrollTop = 100;
  });
  await page.focus('#i');
  await page.evaluate(() => document.activeElement.setSelectionRange(1, 3));
  await server.patch(page, [...at(0, 0), { op: 'move', from: 0, to: 1 }]);
  assert.deepEqual(
    await page.evaluate(() => [
      document.activeElement.id,
      document.activeElement.selectionStart,
      document.getElementById('box').scrollTop,
    ]),
    ['i', 1, 100],
  );
});

test('the element that replaces the focused one takes over focus, selection and what was typed', async (t) => {
  const { page, server } = await open(t, '<div><input id="i"></div>');
  await page.fill('#i', 'typed');
  await page.evaluate(() => document.getElementById('i').setSelectionRange(1, 2));
  await server.patch(page, [
    ...at(0),
    { op: 'replace', index: 0, html: '<p><input id="i" class="new"></p>' },
  ]);
  assert.deepEqual(
    await page.evaluate(() => {
      const { className, value, selectionStart } = document.activeElement;
      return [className, value, selectionStart];
    }),
    ['new', 'typed', 1],
  );
});

test('an inserted element with autofocus gets the focus', async (t) => {
  const { page, server } = await open(t, '<p>a</p>');
  await server.patch(page, [
    ...at(0),
    { op: 'insert', index: 1, html: '<div><input id="i" autofocus></div>' },
  ]);
  assert.equal(await page.evaluate(() => document.activeElement.id), 'i');
});

test('a selection in other parts of a text survives its change', async (t) => {
  const { page, server } = await open(t, '<p>one two three</p>');
  await page.evaluate(() =>
    getSelection().setBaseAndExtent(
      document.querySelector('p').firstChild,
      0,
      document.querySelector('p').firstChild,
      3,
    ),
  );
  await server.patch(page, [...at(0, 0, 0), { op: 'text', text: 'one two four' }]);
  assert.equal(await page.evaluate(() => getSelection().toString()), 'one');
});

test('details stay as the person left them until the server changes them', async (t) => {
  const { page, server } = await open(t, '<details><summary>s</summary>x</details><p>a</p>');
  await page.click('summary');
  await server.patch(page, [...at(0, 1, 0), { op: 'text', text: 'b' }]);
  assert.equal(await page.evaluate(() => document.querySelector('details').open), true);
  await server.patch(page, [...at(0, 0), { op: 'unset', name: 'open' }]);
  assert.equal(await page.evaluate(() => document.querySelector('details').open), false);
});

test('a modal dialog opens and closes for real, also one that is inserted open', async (t) => {
  const { page, server } = await open(t, '<dialog lf-modal>a</dialog>');
  const isModal = () => page.evaluate(() => document.querySelector('dialog').matches(':modal'));
  await server.patch(page, [...at(0, 0), { op: 'set', name: 'open', value: '' }]);
  assert.equal(await isModal(), true);
  await server.patch(page, [...at(0, 0), { op: 'unset', name: 'open' }]);
  assert.equal(await isModal(), false);
  await server.patch(page, [
    ...at(0),
    { op: 'replace', index: 0, html: '<dialog lf-modal open>b</dialog>' },
  ]);
  assert.equal(await isModal(), true);
});

test('muted and indeterminate reach the property', async (t) => {
  const { page, server } = await open(t, '<video></video><input type="checkbox" lf-indeterminate>');
  const facts = () =>
    page.evaluate(() => [
      document.querySelector('video').muted,
      document.querySelector('input').indeterminate,
    ]);
  assert.deepEqual(await facts(), [false, true]);
  await server.patch(page, [
    ...at(0, 0),
    { op: 'set', name: 'muted', value: '' },
    ...at(0, 1),
    { op: 'unset', name: 'lf-indeterminate' },
  ]);
  assert.deepEqual(await facts(), [true, false]);
});

test('nodes that an extension adds are never counted', async (t) => {
  const { page, server, problems } = await open(t, '<p>a</p><p>b</p>');
  await page.evaluate(() => {
    const root = document.getElementById('livefloe');
    root.prepend(document.createElement('grammarly-extension'));
    root.children[1].prepend(document.createElement('font'));
    root.children[1].after('stray');
  });
  await server.patch(page, [
    ...at(0, 1, 0),
    { op: 'text', text: 'B' },
    ...at(0),
    { op: 'insert', index: 1, html: '<p>n</p>' },
    { op: 'child', index: 0 },
    { op: 'child', index: 0 },
    { op: 'text', text: 'A' },
  ]);
  assert.deepEqual(await page.locator('#livefloe p').allTextContents(), ['A', 'n', 'B']);
  assert.deepEqual(problems, []);
});

for (const [what, change, expected] of [
  ['is as it was made', () => {}, '<li>1</li><li>2!</li>'],
  [
    'somebody put an element into',
    (row) => row.append(document.createElement('x-icon')),
    '<li>1</li><li>2!<x-icon></x-icon></li>',
  ],
  ['somebody put text into', (row) => row.prepend('x'), null],
  ['somebody emptied', (row) => row.replaceChildren(), null],
  ['somebody changed', (row) => row.replaceChildren(document.createElement('b')), null],
]) {
  test(`a copied row that ${what} is ${expected ? 'changed' : 'left alone and reported'}`, async (t) => {
    const { page, server } = await open(t, '<ul></ul>');
    await server.patch(page, [
      ...at(0, 0),
      {
        op: 'repeat',
        index: 0,
        html: '<li>1</li>',
        copies: 1,
        nodes: [1],
        names: [''],
        values: ['2'],
      },
    ]);
    const row = page.locator('li').nth(1);
    await row.evaluate(change);
    const before = await html(page, 'ul');
    await server.patch(page, [...at(0, 0, 1, 0), { op: 'append', text: '!' }]);
    assert.equal(await html(page, 'ul'), expected ?? before);
    let ack = await server.next('ack');
    // On a slow machine the first patch has one of its own.
    while (ack.seen < server.seq) ack = await server.next('ack');
    assert.deepEqual(ack.failed, expected ? [] : [0]);
  });
}

test('a node that a third party moved away fails its component, and only that one', async (t) => {
  const { page, server, problems } = await open(t, '<div lf-c="2"><b>a</b></div><p>x</p>');
  await page.evaluate(() => document.body.append(document.querySelector('b')));
  await server.patch(page, [
    ...at(2, 0, 0, 0),
    { op: 'text', text: 'b' },
    ...at(0, 1, 0),
    { op: 'text', text: 'y' },
  ]);
  assert.deepEqual(await server.next('ack'), { kind: 'ack', seen: 1, failed: [2] });
  assert.equal(await page.textContent('p'), 'y');
  assert.ok(problems.every((problem) => problem.startsWith('livefloe: lookup 2')));

  // Broken until it is resynced: the next patch for it is neither applied nor reported again.
  await server.patch(page, [...at(2, 0), { op: 'set', name: 'class', value: 'c' }]);
  assert.equal(await html(page), '<div lf-c="2"></div><p>y</p>');
  await server.patch(page, [
    ...at(2),
    { op: 'resync', html: '<div lf-c="2"><b>c</b></div>' },
    ...at(2, 0),
    { op: 'set', name: 'class', value: 'd' },
  ]);
  assert.equal(await html(page), '<div lf-c="2" class="d"><b>c</b></div><p>y</p>');
});

for (const [name, ops] of Object.entries({
  'a child that is not there': [...at(0, 9)],
  'a way up from the root': [...at(0), { op: 'up' }],
  'text where an element is': [...at(0, 0), { op: 'text', text: 'x' }],
  'an attribute where text is': [...at(0, 0, 0), { op: 'set', name: 'a', value: 'b' }],
  'an insertion past the end': [...at(0), { op: 'insert', index: 5, html: 'x' }],
  'a removal past the end': [...at(0), { op: 'remove', index: 0, count: 3 }],
  'a move past the end': [...at(0), { op: 'move', from: 0, to: 4 }],
})) {
  test(`${name} is reported and changes nothing`, async (t) => {
    const { page, server } = await open(t, '<p>a</p>');
    await server.patch(page, ops);
    assert.deepEqual(await server.next('ack'), { kind: 'ack', seen: 1, failed: [0] });
    assert.equal(await html(page), '<p>a</p>');
  });
}

test('a component that is not known is reported, and its resync asks for the page', async (t) => {
  const { page, server } = await open(t, '<p>a</p>');
  await server.patch(page, [...at(9, 0)]);
  assert.deepEqual((await server.next('ack')).failed, [9]);
  await server.patch(page, [...at(9), { op: 'resync', html: '<p lf-c="9"></p>' }]);
  assert.deepEqual((await server.next('ack')).failed, [0]);
});

test('a thousand rows are reversed', async (t) => {
  const rows = Array.from({ length: 1000 }, (_, n) => `<li>${n}</li>`).join('');
  const { page, server, problems } = await open(t, `<ul>${rows}</ul>`);
  const moves = Array.from({ length: 999 }, (_, n) => ({ op: 'move', from: n + 1, to: 0 }));
  await server.patch(page, [...at(0, 0), ...moves]);
  assert.deepEqual((await page.locator('li').allTextContents()).slice(0, 2), ['999', '998']);
  assert.deepEqual(problems, []);
});

test('navigation stays on the origin', async (t) => {
  const { page, server, origin } = await open(t, '<p>a</p>');
  await server.patch(page, [{ op: 'navigate', path: '//elsewhere.example/' }]);
  server.send({ kind: 'patch', seq: 2, ack: 0, ops: [{ op: 'navigate', path: '/0?x=1' }] });
  await page.waitForURL(`${origin}/0?x=1`);
});
