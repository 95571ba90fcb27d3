import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, handler, setUp } from './support/browser.js';

const open = setUp();
const H = handler('h');
const json = (data) => JSON.stringify(data).replaceAll('"', '&quot;');
const refused = (event) => ({ op: 'refused', event, code: 3, message: 'no', fields: [] });
const get = (name) => ['get', name];
const toggle = ['let', 'o', ['not', get('o')]];
const add = ['let', 'n', ['add', get('n'), 1]];

/** A button that acts, something that is shown when `o`, and a number. */
const board = ({ o = false, n = 0, steps = [toggle, add], rest = '' } = {}) =>
  `<div lf-values="${json({ o, n })}"><button lf-click="${H}" lf-act="${json([H, ...steps])}">b</button>
    <p lf-when="${json({ hidden: ['not', get('o')], 'aria-expanded': get('o'), 'class:on': get('o') })}" class="x" aria-expanded="${o}"${o ? '' : ' hidden'}>p</p>
    <i lf-when="${json({ text: get('n'), title: ['join', 'n=', get('n')] })}" title="n=${n}">${n}</i>${rest}</div>`;

const shown = (page) =>
  page.evaluate(() => {
    const [p, i] = ['p', 'i'].map((name) => document.querySelector(name));
    return [!p.hidden, p.getAttribute('aria-expanded'), p.className, i.textContent, i.title].join();
  });

test('a second click before the answer sees what the first one did', async (t) => {
  const { page, server, problems } = await open(t, board());
  assert.equal(await shown(page), 'false,false,x,0,n=0');
  await page.click('button');
  assert.equal(await shown(page), 'true,true,x on,1,n=1');
  await page.click('button');
  await page.click('button');
  assert.equal(await shown(page), 'true,true,x on,3,n=3');
  for (const seq of [1, 2, 3]) {
    const event = await server.next('event');
    assert.deepEqual([event.seq, event.handler, event.payload], [seq, H, '']);
  }
  assert.deepEqual(problems, []);
});

test('what is shown is what the server says, with what it has not settled done to that', async (t) => {
  const { page, server } = await open(t, board());
  for (let n = 0; n < 3; n++) await page.click('button');
  // The server has had one, and somebody else has added ten.
  const says = [
    ...at(0, 0),
    { op: 'set', name: 'lf-values', value: '{"o":true,"n":11}' },
    ...at(0, 0, 2),
    { op: 'unset', name: 'hidden' },
    { op: 'set', name: 'aria-expanded', value: 'true' },
    { op: 'set', name: 'class', value: 'x on' },
    ...at(0, 0, 4),
    { op: 'set', name: 'title', value: 'n=11' },
    ...at(0, 0, 4, 0),
    { op: 'text', text: '11' },
  ];
  await server.patch(page, says, { ack: 1 });
  assert.equal(await shown(page), 'true,true,x on,13,n=13');
  // The second is refused: of what came after it, all is as it would be without.
  await server.patch(page, [refused(2)], { ack: 2 });
  assert.equal(await shown(page), 'false,false,x,12,n=12');
  await server.patch(page, [refused(3)], { ack: 3 });
  assert.equal(await shown(page), 'true,true,x on,11,n=11');
});

test('what a patch brings meanwhile is shown as the others', async (t) => {
  const { page, server } = await open(t, board());
  await page.click('button');
  const html = `<b lf-when="${json({ hidden: get('o') })}">later</b>`;
  await server.patch(page, [...at(0, 0), { op: 'insert', index: 0, html }]);
  assert.equal(await page.isVisible('b'), false);
  await server.patch(page, [refused(1)], { ack: 1 });
  assert.equal(await page.isVisible('b'), true);
});

test('a component that is sent again as a whole keeps what is not settled', async (t) => {
  const { page, server, problems } = await open(t, board());
  await page.click('button');
  const ops = [
    { op: 'component', id: 0 },
    { op: 'resync', html: board({ n: 5 }) },
  ];
  await server.patch(page, ops);
  assert.equal(await shown(page), 'true,true,x on,6,n=6');
  await server.patch(page, [refused(1)], { ack: 1 });
  assert.equal(await shown(page), 'false,false,x,5,n=5');
  assert.deepEqual(problems, []);
});

test('without a connection it goes on, and what was done is sent in order', async (t) => {
  const { page, server } = await open(t, board());
  server.close(1012);
  await page.waitForSelector('html:not([data-lf-connection="connected"])');
  await page.click('button');
  await page.click('button');
  assert.equal(await shown(page), 'false,false,x,2,n=2');
  await server.next('join');
  server.send({ kind: 'joined' });
  assert.equal((await server.next('event')).seq, 1);
  assert.equal((await server.next('event')).seq, 2);
});

test('a step that has no value is left out, and the event is sent', async (t) => {
  const steps = [['let', 'n', ['add', get('n'), 'x']], ['let', 'gone', get('gone')], toggle];
  const { page, server } = await open(t, board({ steps }));
  await page.click('button');
  assert.equal(await shown(page), 'true,true,x on,0,n=0');
  await server.next('event');
});

test('a dialog opens and closes by its binding, and only what a person does is told', async (t) => {
  const set = (value) => json([H, ['let', 'd', value]]);
  const body = `<div lf-values="${json({ d: false })}"><button lf-click="${H}" lf-act="${set(true)}">open</button>
    <dialog lf-modal lf-close="${handler('c')}" lf-act="${json([handler('c'), ['let', 'd', false], H, ['let', 'd', false]])}" lf-when="${json({ open: get('d') })}">
    <button id="x" lf-click="${H}" lf-act="${set(false)}">close</button><input></dialog></div>`;
  const { page, server, problems } = await open(t, body);
  const isOpen = () => page.evaluate(() => document.querySelector('dialog').matches(':modal'));
  const says = (d, ack) =>
    server.patch(
      page,
      [
        ...at(0, 0),
        { op: 'set', name: 'lf-values', value: JSON.stringify({ d }) },
        { op: 'child', index: 2 },
        d ? { op: 'set', name: 'open', value: '' } : { op: 'unset', name: 'open' },
      ],
      { ack },
    );
  await page.click('button');
  assert.equal(await isOpen(), true);
  await page.fill('input', 'typed');
  await says(true, 1);
  assert.equal(await isOpen(), true);
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => !document.querySelector('dialog').open);
  assert.deepEqual((await server.next('event')).handler, H);
  assert.deepEqual((await server.next('event')).handler, handler('c'));
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'open');
  await says(false, 2);
  // Closed by its own button: the event of that is all that is sent.
  await page.click('button');
  await page.click('#x');
  assert.equal(await isOpen(), false);
  assert.equal(await page.inputValue('input'), 'typed');
  await server.next('event');
  await server.next('event');
  // Opened, and refused.
  await page.click('button');
  assert.equal((await server.next('event')).seq, 5, 'nothing was sent in between');
  await server.patch(page, [refused(5)], { ack: 5 });
  assert.equal(await isOpen(), false);
  assert.deepEqual(problems, []);
});

test('details open by their binding, and not by the browser as well', async (t) => {
  const body = `<details lf-when="${json({ open: get('d') })}"><summary lf-click="${H}" lf-act="${json([H, ['is', 'd', false], ['let', 'd', ['not', get('d')]]])}">s</summary>p</details>`;
  const { page, server } = await open(t, body);
  const isOpen = () => page.evaluate(() => document.querySelector('details').open);
  await page.click('summary');
  assert.equal(await isOpen(), true);
  await page.focus('summary');
  await page.keyboard.press('Enter');
  assert.equal(await isOpen(), false);
  await page.keyboard.press('Enter');
  assert.equal(await isOpen(), true);
  for (const ack of [1, 2, 3]) await server.patch(page, [refused(ack)], { ack });
  assert.equal(await isOpen(), false);
});

test('steps about the page alone need no handler, and their layers stay over patches', async (t) => {
  const steps = [
    ['class', '#t', 'on'],
    ['flip', '#t', 'hidden'],
    ['text', '#t', 'mine'],
    ['focus', 'input'],
    ['dispatch', '#t', 'shout', { n: 1 }],
    ['copy', '', 'copied'],
  ];
  const { page, server, problems } = await open(
    t,
    `<button lf-act="${json(steps)}">b</button><p id="t" class="x">t</p><input>`,
    {
      prepare: (page) =>
        page.addInitScript(() => {
          addEventListener('shout', ({ detail }) => {
            window.heard = detail;
          });
          addEventListener('copy', () => {
            window.copied = String(getSelection());
          });
        }),
    },
  );
  const shown = () =>
    page.evaluate(() => {
      const { className, hidden, textContent } = document.querySelector('#t');
      return [className, hidden, textContent].join();
    });
  await page.click('button');
  assert.equal(await shown(), 'x on,true,mine');
  assert.deepEqual(await page.evaluate(() => window.heard), { n: 1 });
  assert.equal(await page.evaluate(() => document.activeElement.localName), 'input');
  await page.waitForSelector('button[lf-copied]');
  await server.patch(page, [
    ...at(0, 1),
    { op: 'set', name: 'class', value: 'y' },
    { op: 'child', index: 0 },
    { op: 'text', text: 'theirs' },
  ]);
  assert.equal(await shown(), 'y on,true,mine');
  await page.click('button');
  assert.equal(await shown(), 'y,false,mine');
  assert.equal(server.received.filter(({ kind }) => kind === 'event').length, 0);
  assert.deepEqual(problems, []);
});

test('steps belong to the event that they were given for', async (t) => {
  const body = `<input lf-input="${handler('i')}" lf-change="" lf-act="${json([handler('i'), ['class', '#t', 'typed', true], '', ['class', '#t', 'done', true]])}">
    <a href="/elsewhere" lf-act="${json([['class', '#t', 'clicked', true]])}">a</a><p id="t"></p>`;
  const { page, server } = await open(t, body);
  const classes = () => page.evaluate(() => document.querySelector('#t').className);
  await page.locator('input').pressSequentially('a');
  await server.next('event');
  assert.equal(await classes(), 'typed');
  await page.locator('input').blur();
  assert.equal(await classes(), 'typed done');
  await page.click('a');
  assert.equal(await classes(), 'typed done clicked');
  assert.ok(!page.url().endsWith('elsewhere'));
});

test('only a page of this site is gone to', async (t) => {
  const go = (path) => `<button lf-act="${json([['go', path]])}">${path}</button>`;
  const { page, origin } = await open(
    t,
    ['javascript:document.title=1', '//evil.example/', '/there'].map(go).join(''),
  );
  await page.click('button:nth-child(1)');
  await page.click('button:nth-child(2)');
  assert.equal(await page.title(), 'Test');
  const asked = page.waitForRequest(`${origin}/there`);
  await page.click('button:nth-child(3)');
  await asked;
});
