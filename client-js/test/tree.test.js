import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, setUp } from './support/browser.js';

const open = setUp();

/** Written a second time on purpose: what the server computes. */
function fnv1a(text) {
  let hash = 0x811c9dc5n;
  for (const byte of Buffer.from(text)) hash = ((hash ^ BigInt(byte)) * 0x01000193n) % 2n ** 32n;
  return hash.toString(16).padStart(8, '0');
}

const check = (structures) =>
  Object.entries(structures)
    .map(([id, text]) => `${id}.${text.match(/[<tc@!]/g)?.length ?? 0}.${fnv1a(text)}`)
    .join(' ');

const BODY = `<h1>a</h1><!--b--><div lf-c="1"><svg><linearGradient></linearGradient></svg></div><lf-component lf-c="2">x<b></b></lf-component><p><i>marked</i></p><div lf-ignore><u></u></div><script type="text/plain">s</script><textarea>
t</textarea>`;
const STRUCTURES = {
  0: '<h1t/c@@!p!div!script<textareat/',
  1: '<div<svg<lineargradient///',
  2: 't<b/',
};

test('fnv-1a of a known text', () => assert.equal(fnv1a('a'), 'e40c292c'));

test('a page that is as it was sent passes its checks', async (t) => {
  const { server, problems } = await open(t, BODY, { check: check(STRUCTURES), opaque: '9' });
  server.send({ kind: 'heartbeat' });
  assert.deepEqual(await server.next('ack'), { kind: 'ack', seen: 0, failed: [] });
  assert.deepEqual(problems, []);
});

test('a component that differs is reported on joining, and put right by a resync', async (t) => {
  const { page, server, problems } = await open(t, BODY.replace('<b></b>', '<b></b><b></b>'), {
    check: check(STRUCTURES),
    opaque: '10',
  });
  assert.deepEqual(await server.next('ack'), { kind: 'ack', seen: 0, failed: [2] });
  assert.match(problems[0], /^livefloe: page/);
  await server.patch(page, [
    ...at(2),
    { op: 'resync', html: 'y<b></b>' },
    ...at(2, 1),
    { op: 'set', name: 'class', value: 'c' },
  ]);
  assert.equal(
    await page.locator('lf-component').evaluate((element) => element.innerHTML),
    'y<b class="c"></b>',
  );
});

test('what is reported is reported again after a lost connection', async (t) => {
  const { server } = await open(t, '<p></p>', { check: check({ 0: '<div/' }) });
  assert.deepEqual((await server.next('ack')).failed, [0]);
  server.close(1001);
  await server.next('join');
  server.send({ kind: 'joined' });
  assert.deepEqual((await server.next('ack')).failed, [0]);
});

test('text that the parser split is one node', async (t) => {
  const long = 'x'.repeat(200_000);
  const { page, server } = await open(t, `<p>${long}<b>b</b></p>`, {
    check: check({ 0: '<pt<bt//' }),
  });
  await server.patch(page, [
    ...at(0, 0, 0),
    { op: 'append', text: 'y' },
    ...at(0, 0, 1, 0),
    { op: 'text', text: 'c' },
  ]);
  assert.equal(await page.textContent('p'), `${long}yc`);
});
