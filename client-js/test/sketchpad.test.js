import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, handler, setUp } from './support/browser.js';

const open = setUp();
const A = handler('a');
const pad = (attributes = '') =>
  `<form lf-submit="${handler('s')}"><lf-sketchpad name="sketch" ${attributes} lf-ignore></lf-sketchpad><button id="go">go</button></form>`;

async function openPad(t, attributes) {
  const opened = await open(t, pad(attributes));
  await opened.page.waitForFunction(() => document.querySelector('lf-sketchpad:defined canvas'));
  await opened.page.evaluate(() => {
    document.querySelector('lf-sketchpad').style.width = '280px';
  });
  return opened;
}

/** Draws lines between points in shares of the pad. */
async function draw(page, ...points) {
  const { x, y, width, height } = await page.locator('canvas').boundingBox();
  const [first, ...others] = points.map(([left, top]) => [x + left * width, y + top * height]);
  await page.mouse.move(...first);
  await page.mouse.down();
  for (const point of others) await page.mouse.move(...point, { steps: 5 });
  await page.mouse.up();
}

const value = (page) => page.evaluate(() => document.querySelector('lf-sketchpad').value);

function cells(text) {
  const [columns, rows, data] = text.split(',');
  const bytes = Buffer.from(data, 'base64');
  assert.equal(bytes.length, columns * rows);
  return {
    columns: Number(columns),
    rows: Number(rows),
    at: (column, row) => bytes[row * columns + column],
  };
}

test('a drawing becomes a picture with ink where the pen was', async (t) => {
  const { page, problems } = await openPad(t, 'columns="28" rows="20" pen="2"');
  assert.equal(await value(page), '');
  await draw(page, [0.1, 0.5], [0.9, 0.5]);
  const picture = cells(await value(page));
  assert.deepEqual([picture.columns, picture.rows], [28, 20]);
  assert.deepEqual([picture.at(14, 9), picture.at(14, 10)], [255, 255]);
  assert.deepEqual([picture.at(14, 6), picture.at(14, 13), picture.at(0, 0)], [0, 0, 0]);
  assert.deepEqual(problems, []);
});

test('a click is a dot', async (t) => {
  const { page } = await openPad(t, 'columns="10" rows="10" pen="2"');
  await draw(page, [0.5, 0.5]);
  const picture = cells(await value(page));
  assert.ok(picture.at(4, 4) > 150 && picture.at(5, 5) > 150 && picture.at(0, 0) === 0);
});

test('strokes are sent as points in thousandths', async (t) => {
  const { page } = await openPad(t, 'sends="strokes"');
  await draw(page, [0, 0], [0.5, 0.5]);
  await draw(page, [0.25, 0.75]);
  assert.match(await value(page), /^0,0 (\d+,\d+ )+500,500;250,750$/);
});

test('drawing tells the handler while it goes on, and the form when it is submitted', async (t) => {
  const { page, server } = await openPad(
    t,
    `sends="strokes" lf-input="${A}" lf-change="${A}" lf-debounce="60000"`,
  );
  await draw(page, [0, 0], [1, 1]);
  const input = await server.next('event');
  assert.match(new URLSearchParams(input.payload).get('sketch'), /^0,0 .*1000,1000$/);
  assert.equal((await server.next('event')).payload, input.payload);
  await page.click('#go');
  assert.equal((await server.next('event')).payload, input.payload);
});

test('undo takes the last stroke back, the button all, and a reset too', async (t) => {
  const { page } = await openPad(t, 'sends="strokes" clear="Clear"');
  await draw(page, [0.1, 0.1]);
  await draw(page, [0.2, 0.2]);
  await page.keyboard.press('Control+z');
  assert.equal(await value(page), '100,100');
  await page.getByRole('button', { name: 'Clear' }).press('Enter');
  assert.equal(await value(page), '');
  await draw(page, [0.1, 0.1]);
  await page.evaluate(() => document.querySelector('form').reset());
  assert.equal(await value(page), '');
});

test('the server clears it, and keeps it through patches, moves and resyncs', async (t) => {
  const { page, server } = await openPad(t, 'sends="strokes" lf-clear="1"');
  await draw(page, [0.1, 0.1]);
  await server.patch(page, [...at(0, 0), { op: 'move', from: 0, to: 1 }]);
  await server.patch(page, [
    { op: 'component', id: 0 },
    { op: 'resync', html: pad('sends="strokes" lf-clear="1"') },
  ]);
  assert.equal(await value(page), '100,100');
  await server.patch(page, [...at(0, 0, 0), { op: 'set', name: 'lf-clear', value: '2' }]);
  assert.equal(await value(page), '');
});

test('a disabled pad takes no ink', async (t) => {
  const { page } = await openPad(t, 'sends="strokes" disabled clear="Clear"');
  await draw(page, [0.1, 0.1]);
  assert.equal(await value(page), '');
});

test('a pad that a patch brings works', async (t) => {
  const { page, server } = await open(t, '<p>a</p>');
  await server.patch(page, [...at(0), { op: 'insert', index: 1, html: pad() }]);
  await page.waitForSelector('lf-sketchpad canvas');
  await draw(page, [0.5, 0.5]);
  assert.match(await value(page), /^28,28,/);
});
