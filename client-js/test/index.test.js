import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fnv1a as hash } from '../src/tree.js';
import { at, handler, setUp } from './support/browser.js';

const open = setUp();

test('nothing breaks a strict policy with trusted types', async (t) => {
  const { page, server, problems } = await open(
    t,
    `<form lf-submit="${handler('a')}"><input name="a"><button>go</button></form>
     <lf-sketchpad name="s" lf-ignore></lf-sketchpad>`,
    {
      prepare: (page) =>
        page.addInitScript(() => {
          window.violations = [];
          document.addEventListener('securitypolicyviolation', ({ violatedDirective, sample }) =>
            window.violations.push([violatedDirective, sample]),
          );
        }),
    },
  );
  await page.waitForSelector('lf-sketchpad canvas');
  await page.click('button');
  const ops = [
    ...at(0, 0),
    { op: 'set', name: 'style', value: 'color: red' },
    { op: 'insert', index: 0, html: '<iframe></iframe><svg><path/></svg>' },
    { op: 'child', index: 0 },
    { op: 'set', name: 'srcdoc', value: '<p>x</p>' },
    ...at(0),
    { op: 'replace', index: 0, html: '<table><tbody><tr><td>x</td></tr></tbody></table>' },
    { op: 'refused', event: 1, code: 2, message: 'no', fields: [] },
    { op: 'component', id: 0 },
    { op: 'resync', html: '<p>done</p>', opaque: [] },
  ];
  await server.patch(page, ops, { ack: 1 });
  assert.equal(await page.innerHTML('#livefloe'), '<p>done</p>');
  assert.deepEqual(await page.evaluate(() => window.violations), []);
  assert.deepEqual(problems, []);
});

test('patches and connections are announced on the document', async (t) => {
  const { page, server } = await open(t, '<p>a</p>', { join: false });
  const connected = page.evaluate(
    () =>
      new Promise((resolve) => {
        document.addEventListener('livefloe:connection', ({ detail }) => {
          if (detail.state !== 'connecting') resolve(detail);
        });
      }),
  );
  await server.next('join');
  server.send({ kind: 'joined' });
  assert.deepEqual(await connected, { state: 'connected', code: 0 });
  const patched = page.evaluate(
    () =>
      new Promise((resolve) => {
        document.addEventListener('livefloe:patch', ({ detail }) => resolve(detail));
      }),
  );
  await server.patch(page, [...at(0, 0, 0), { op: 'text', text: 'b' }]);
  assert.deepEqual(await patched, { seq: 1, bytes: 12, operations: 4 });
});

test('a second copy of the script leaves the page to the first', async (t) => {
  const { page, server } = await open(t, '<p>a</p>');
  await page.evaluate(() => import('/livefloe/hash/livefloe.js?again').catch(() => {}));
  assert.equal(server.connections, 1);
});

test('a page that is not of this framework is left alone', async (t) => {
  const { page, server, problems } = await open(t, '<p>a</p>', {
    join: false,
    prepare: (page) =>
      page.addInitScript(() => {
        document.addEventListener('readystatechange', () =>
          document.querySelector('meta')?.remove(),
        );
      }),
  });
  await page.waitForFunction(() => document.readyState === 'complete');
  assert.equal(server.connections, 0);
  assert.match(problems[0], /^livefloe: page/);
});

test('what is there for those without script is gone before the page is read', async (t) => {
  const click = handler('a');
  const { page, server, problems } = await open(
    t,
    `<button type="submit" name="lf" value="0.${click}" form="lf" lf-post="type=button&amp;name=n&amp;value=a+%26+b&amp;form=&amp;lf-post" id="b" type="button" name="n" value="a &amp; b" lf-click="${click}">go</button>
     <form method="post" lf-post="method=&amp;lf-post" lf-submit="${handler('s')}"><input type="hidden" name="lf" value="0" lf-post><input name="x"></form>`,
    {
      head: '<script type="module" src="/livefloe/hash/bare.js"></script>',
      // Of the page as it would be without: two elements, a text between them, and what is in the form.
      check: `0.5.${hash('<buttont/t<form<input//')}`,
    },
  );
  assert.equal(await page.locator('[lf-post], [name="lf"]').count(), 0);
  assert.deepEqual(
    await page
      .locator('#b')
      .evaluate(({ attributes }) => [...attributes].map(({ name, value }) => `${name}=${value}`)),
    ['type=button', 'name=n', 'value=a & b', 'id=b', `lf-click=${click}`],
  );
  await page.click('#b');
  assert.equal((await server.next('event')).payload, 'n=a+%26+b');
  assert.deepEqual(problems, []);
});
